# Takes flatnet off Windows, by record.json alone; the last change goes first. Run it as administrator, or let
# `flatnet-cni leave --windows run` do so. With -WhatIf it only says what it would do.
# Exit codes: 0 done, 1 something failed and the folder stays, 2 no administrator.
[CmdletBinding(SupportsShouldProcess)]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot 'flatnet-record.ps1')
. (Join-Path $PSScriptRoot 'flatnet-network.ps1')

# A file that the user has changed since stays as it is, and so does the copy beside it.
function Undo-FlatnetFile {
    param([object]$Entry)
    if ((Get-FlatnetHash -Path $Entry.key) -ne $Entry.after) { return }
    if ($Entry.before -eq '') { Remove-Item -LiteralPath $Entry.key -Force }
    else { Move-Item -LiteralPath "$($Entry.key).before-flatnet" -Destination $Entry.key -Force }
}

function Undo-FlatnetPortProxy {
    param([object]$Entry)
    $listen, $port = $Entry.key -split '/'
    & netsh.exe interface portproxy delete v4tov4 "listenaddress=$listen" "listenport=$port" | Out-Null
    if ($Entry.before -eq '') { return }
    $address, $to = $Entry.before -split '/'
    & netsh.exe interface portproxy add v4tov4 "listenaddress=$listen" "listenport=$port" `
        "connectaddress=$address" "connectport=$to" | Out-Null
}

function Undo-FlatnetForwarding {
    param([object]$Entry)
    $found = @(Get-NetIPInterface -AddressFamily IPv4 | Where-Object { $_.InterfaceAlias -ceq $Entry.key })
    foreach ($each in $found) {
        Set-NetIPInterface -InterfaceIndex $each.InterfaceIndex -AddressFamily IPv4 -Forwarding $Entry.before
    }
}

function Undo-FlatnetEntry {
    [CmdletBinding(SupportsShouldProcess)]
    param([object]$Entry)
    if (-not $PSCmdlet.ShouldProcess("$($Entry.kind) $($Entry.key)", 'undo')) { return }
    switch ($Entry.kind) {
        'file' { Undo-FlatnetFile -Entry $Entry }
        'port-proxy' { Undo-FlatnetPortProxy -Entry $Entry }
        'forwarding' { Undo-FlatnetForwarding -Entry $Entry }
        'firewall' { Remove-NetFirewallRule -Name $Entry.key -ErrorAction SilentlyContinue }
        'hyper-v' { Remove-NetFirewallHyperVRule -Name $Entry.key -ErrorAction SilentlyContinue }
        'task' {
            Unregister-ScheduledTask -TaskPath $FlatnetTaskPath -TaskName $Entry.key -Confirm:$false `
                -ErrorAction SilentlyContinue
        }
        default { throw "$($Entry.kind) is of no known kind" }
    }
    Write-FlatnetStep -Step "$($Entry.kind) $($Entry.key)" -State 'undone'
}

$code = Invoke-Flatnet -Steps {
    $entries = @(Get-FlatnetRecord)
    [array]::Reverse($entries)
    # The task would make again what is taken away.
    foreach ($entry in @($entries | Where-Object { $_.kind -eq 'task' })) { Undo-FlatnetEntry -Entry $entry }
    foreach ($route in @(Get-NetRoute -AddressFamily IPv4 -PolicyStore ActiveStore)) {
        if ($route.RouteMetric -eq $FlatnetMetric) { Remove-FlatnetRoute -Route $route }
    }
    foreach ($entry in @($entries | Where-Object { $_.kind -ne 'task' })) { Undo-FlatnetEntry -Entry $entry }
}
if ($code -eq 0 -and -not $WhatIfPreference) {
    Remove-Item -LiteralPath $FlatnetFolder -Recurse -Force
    # Register-ScheduledTask has made it, and no cmdlet removes it.
    $scheduler = New-Object -ComObject 'Schedule.Service'
    $scheduler.Connect()
    try { $scheduler.GetFolder('\').DeleteFolder('flatnet', 0) } catch { Write-Verbose "$_" }
}
exit $code
