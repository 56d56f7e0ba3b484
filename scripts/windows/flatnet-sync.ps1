# Brings forwarding, routes and the port proxy in line with what the agent in WSL2 asks for. The task
# flatnet\sync runs it as the system. With -WhatIf it only says what it would do.
# Exit codes: 0 done, 1 something failed.
#
# settings.json beside it holds what an administrator agreed to: pool, interfaces, the HTTP Gateway's port.
# The agent's file belongs to the user, so it is data that is judged: subnets inside the pool, next hops on
# those two networks. What became of it is in status.json, which the agent and `flatnet-cni check` read.
[CmdletBinding(SupportsShouldProcess)]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot 'flatnet-record.ps1')
. (Join-Path $PSScriptRoot 'flatnet-network.ps1')

$FlatnetOctet = '(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])'
$FlatnetAddress = "$FlatnetOctet(\.$FlatnetOctet){3}"
$FlatnetMostRoutes = 1024
$problems = New-Object System.Collections.ArrayList
$settings = ConvertFrom-Json -InputObject ([IO.File]::ReadAllText((Join-Path $PSScriptRoot 'settings.json')))

# One step that fails must not keep the others from being taken.
function Invoke-FlatnetStep {
    param([scriptblock]$Step)
    try { & $Step | Out-Null } catch { [void]$problems.Add("$_") }
}

# Whatever the file holds becomes a text before it is judged.
function Read-FlatnetWanted {
    $read = ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($settings.wanted))
    if ("$($read.version)" -ne '1') { throw 'the file of the agent is of another version' }
    $wsl = "$($read.wslAddress)"
    if ($wsl -notmatch "\A$FlatnetAddress\z") { throw 'the file of the agent: wslAddress is no address' }
    $given = @($read.routes)
    if ($given.Count -gt $FlatnetMostRoutes) { throw 'the file of the agent has too many routes' }
    $routes = foreach ($each in $given) {
        $destination = "$($each.destination)"
        $nextHop = "$($each.nextHop)"
        $isRoute = $destination -match "\A$FlatnetAddress/([89]|[12][0-9]|3[0-2])\z" -and
            $nextHop -match "\A$FlatnetAddress\z"
        if (-not $isRoute) { throw 'the file of the agent has something that is no route' }
        $pools = @($settings.pools | Where-Object { Test-FlatnetInside -Prefix $destination -Pool $_ })
        if ($pools.Count -eq 0) { throw "the file of the agent: $destination lies outside the pool" }
        [pscustomobject]@{
            destination = $destination
            nextHop = $nextHop
            alias = if ($nextHop -eq $wsl) { $settings.wsl } else { $settings.lan }
        }
    }
    @{ wslAddress = $wsl; routes = @($routes) }
}

foreach ($alias in @($settings.wsl, $settings.lan)) {
    Invoke-FlatnetStep -Step { Set-FlatnetForwarding -Alias $alias }
}
$wanted = $null
try { $wanted = Read-FlatnetWanted } catch { [void]$problems.Add("$_") }
if ($null -ne $wanted) {
    $destinations = @($wanted.routes | ForEach-Object { $_.destination })
    foreach ($route in $wanted.routes) {
        Invoke-FlatnetStep -Step {
            Set-FlatnetRoute -Destination $route.destination -NextHop $route.nextHop -Alias $route.alias
        }
    }
    foreach ($old in @(Get-NetRoute -AddressFamily IPv4 -PolicyStore ActiveStore)) {
        $isOurs = $old.RouteMetric -eq $FlatnetMetric -and @($settings.pools |
                Where-Object { Test-FlatnetInside -Prefix $old.DestinationPrefix -Pool $_ }).Count -gt 0
        if ($isOurs -and $destinations -notcontains $old.DestinationPrefix) {
            Invoke-FlatnetStep -Step { Remove-FlatnetRoute -Route $old }
        }
    }
    if ($settings.httpPort -ne 0) {
        Invoke-FlatnetStep -Step {
            Set-FlatnetPortProxy -ListenPort $settings.httpPort -ConnectAddress $wanted.wslAddress `
                -ConnectPort $settings.httpPort -Alias $settings.wsl
        }
    }
}
$addresses = @(Get-NetIPAddress -AddressFamily IPv4 | Where-Object { $_.InterfaceAlias -ceq $settings.lan } |
        ForEach-Object { "$($_.IPAddress)/$($_.PrefixLength)" })
$status = @{
    version = 1
    at = (Get-Date).ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ')
    lanAddresses = $addresses
    steps = @($FlatnetReport)
    problems = @($problems)
}
Save-FlatnetJson -Name 'status.json' -Value $status
[Console]::Out.WriteLine((ConvertTo-Json -InputObject $status -Depth 6))
if ($problems.Count -eq 0) { exit 0 } else { exit 1 }
