# Says what of Windows matters to flatnet, as one object of JSON. Changes nothing, needs no rights. The answer
# is ASCII, because between here and Linux it passes the code page of a console.
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$config = Join-Path ([Environment]::GetFolderPath('UserProfile')) '.wslconfig'
$routes = @(Get-NetRoute -AddressFamily IPv4 -DestinationPrefix '0.0.0.0/0' -ErrorAction SilentlyContinue)
$interfaces = foreach ($each in Get-NetIPInterface -AddressFamily IPv4) {
    $index = $each.InterfaceIndex
    $own = @(Get-NetIPAddress -AddressFamily IPv4 -InterfaceIndex $index -ErrorAction SilentlyContinue)
    $default = @($routes | Where-Object { $_.InterfaceIndex -eq $index } | Sort-Object -Property RouteMetric)
    [pscustomobject]@{
        alias = $each.InterfaceAlias
        isConnected = "$($each.ConnectionState)" -eq 'Connected'
        isForwarding = "$($each.Forwarding)" -eq 'Enabled'
        addresses = @($own | ForEach-Object { "$($_.IPAddress)/$($_.PrefixLength)" })
        defaultMetric = if ($default.Count -eq 0) { $null } else {
            [int]$default[0].RouteMetric + [int]$each.InterfaceMetric
        }
    }
}
$text = $null
if (Test-Path -LiteralPath $config) { $text = [Convert]::ToBase64String([IO.File]::ReadAllBytes($config)) }
$proxies = Get-Item -LiteralPath 'HKLM:\SYSTEM\CurrentControlSet\Services\PortProxy\v4tov4\tcp' `
    -ErrorAction SilentlyContinue
$proxied = @()
if ($null -ne $proxies) { $proxied = @($proxies.GetValueNames() | ForEach-Object { ($_ -split '/')[1] }) }
$listening = @(Get-NetTCPConnection -State Listen -ErrorAction SilentlyContinue |
        Where-Object { $proxied -notcontains "$($_.LocalPort)" } | ForEach-Object { [int]$_.LocalPort })
$facts = @{
    version = 1
    build = [Environment]::OSVersion.Version.ToString()
    sid = [Security.Principal.WindowsIdentity]::GetCurrent().User.Value
    temp = [IO.Path]::GetTempPath()
    localData = [Environment]::GetFolderPath('LocalApplicationData')
    programs = [Environment]::GetFolderPath('ProgramFiles')
    wslConfigPath = $config
    wslConfig = $text
    hasHyperVFirewall = $null -ne (Get-Command -Name New-NetFirewallHyperVRule -ErrorAction SilentlyContinue)
    listening = @($listening | Sort-Object -Unique)
    interfaces = @($interfaces)
}
$json = ConvertTo-Json -InputObject $facts -Depth 4
$escape = { param($found) '\u{0:x4}' -f [int][char]$found.Value }
[Console]::Out.WriteLine([regex]::Replace($json, '[^\r\n\x20-\x7e]', $escape))
