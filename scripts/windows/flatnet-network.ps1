# Steps that flatnet-sync.ps1 takes again and again: forwarding, routes, the port proxy.
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$FlatnetPortProxies = 'HKLM:\SYSTEM\CurrentControlSet\Services\PortProxy\v4tov4\tcp'

# By its name, exactly: the parameter -InterfaceAlias would read it as a pattern.
function Set-FlatnetForwarding {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory)][string]$Alias)
    $found = @(Get-NetIPInterface -AddressFamily IPv4 | Where-Object { $_.InterfaceAlias -ceq $Alias })
    if ($found.Count -eq 0) { throw "there is no interface $Alias" }
    foreach ($each in $found) {
        $state = 'planned'
        if ("$($each.Forwarding)" -eq 'Enabled') { $state = 'kept' }
        elseif ($PSCmdlet.ShouldProcess($Alias, 'enable forwarding')) {
            Add-FlatnetRecord -Kind 'forwarding' -Key $Alias -Before 'Disabled' -After 'Enabled'
            Set-NetIPInterface -InterfaceIndex $each.InterfaceIndex -AddressFamily IPv4 -Forwarding Enabled
            $state = 'changed'
        }
        Write-FlatnetStep -Step "forwarding $Alias" -State $state
    }
}

# Returns the index of the interface with this name, if the address is a neighbour on it.
function Get-FlatnetWay {
    param([string]$Address, [string]$Alias)
    $way = @(Find-NetRoute -RemoteIPAddress $Address)
    if ($way.Count -lt 2 -or $way[1].NextHop -ne '0.0.0.0' -or $way[0].InterfaceAlias -cne $Alias) {
        throw "$Address is not on the network of $Alias"
    }
    $way[0].InterfaceIndex
}

# In the active store alone: a restart of Windows forgets it, and the task makes it again. The new one is
# there before the old one goes.
function Set-FlatnetRoute {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)][string]$Destination,
        [Parameter(Mandatory)][string]$NextHop,
        [Parameter(Mandatory)][string]$Alias
    )
    $index = Get-FlatnetWay -Address $NextHop -Alias $Alias
    $there = @(Get-NetRoute -AddressFamily IPv4 -PolicyStore ActiveStore |
            Where-Object { $_.DestinationPrefix -eq $Destination })
    $same = @($there | Where-Object { $_.NextHop -eq $NextHop -and $_.InterfaceIndex -eq $index })
    $state = 'planned'
    if ($same.Count -gt 0) { $state = 'kept' }
    elseif ($PSCmdlet.ShouldProcess($Destination, "route via $NextHop")) {
        [void](New-NetRoute -DestinationPrefix $Destination -NextHop $NextHop -InterfaceIndex $index `
                -RouteMetric $FlatnetMetric -PolicyStore ActiveStore)
        $state = 'changed'
    }
    foreach ($old in $there) {
        $isSame = $old.NextHop -eq $NextHop -and $old.InterfaceIndex -eq $index
        if (-not $isSame -and $old.RouteMetric -eq $FlatnetMetric) { Remove-FlatnetRoute -Route $old }
    }
    Write-FlatnetStep -Step "route $Destination via $NextHop" -State $state
}

function Remove-FlatnetRoute {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory)][object]$Route)
    $text = "$($Route.DestinationPrefix) via $($Route.NextHop)"
    if (-not $PSCmdlet.ShouldProcess($text, 'remove route')) { return }
    Remove-NetRoute -InputObject $Route -Confirm:$false
    Write-FlatnetStep -Step "route $text" -State 'removed'
}

function ConvertTo-FlatnetNumber {
    param([string]$Address)
    $number = [uint64]0
    foreach ($byte in ([Net.IPAddress]$Address).GetAddressBytes()) { $number = $number * 256 + $byte }
    $number
}

function Test-FlatnetInside {
    param([string]$Prefix, [string]$Pool)
    $address, $bits = $Prefix -split '/'
    $base, $poolBits = $Pool -split '/'
    $size = [uint64][Math]::Pow(2, 32 - [int]$poolBits)
    $isInside = [Math]::Floor((ConvertTo-FlatnetNumber -Address $address) / $size) -eq
        [Math]::Floor((ConvertTo-FlatnetNumber -Address $base) / $size)
    $isInside -and [int]$bits -ge [int]$poolBits
}

# From the registry, because netsh answers in the language of Windows. '' where there is none.
function Get-FlatnetPortProxy {
    param([string]$Name)
    $key = Get-Item -LiteralPath $FlatnetPortProxies -ErrorAction SilentlyContinue
    if ($null -eq $key) { '' } else { [string]$key.GetValue($Name, '') }
}

function Set-FlatnetPortProxy {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)][int]$ListenPort,
        [Parameter(Mandatory)][string]$ConnectAddress,
        [Parameter(Mandatory)][int]$ConnectPort,
        [Parameter(Mandatory)][string]$Alias
    )
    [void](Get-FlatnetWay -Address $ConnectAddress -Alias $Alias)
    $name = "0.0.0.0/$ListenPort"
    $have = Get-FlatnetPortProxy -Name $name
    $state = 'planned'
    $want = "$ConnectAddress/$ConnectPort"
    if ($have -eq $want) { $state = 'kept' }
    elseif ($PSCmdlet.ShouldProcess($name, "forward to ${ConnectAddress}:$ConnectPort")) {
        Add-FlatnetRecord -Kind 'port-proxy' -Key $name -Before $have -After $want
        & netsh.exe interface portproxy add v4tov4 'listenaddress=0.0.0.0' "listenport=$ListenPort" `
            "connectaddress=$ConnectAddress" "connectport=$ConnectPort" | Out-Null
        if ($LASTEXITCODE -ne 0) { throw "netsh interface portproxy add: exit code $LASTEXITCODE" }
        $state = 'changed'
    }
    Write-FlatnetStep -Step "port $ListenPort to ${ConnectAddress}:$ConnectPort" -State $state
}
