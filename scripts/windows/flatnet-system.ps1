# Steps that are taken once: files, firewall rules, tasks.
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# The Hyper-V firewall's name for WSL (learn.microsoft.com: Configure Hyper-V firewall).
$FlatnetVmCreator = '{40E0AC32-46A5-438A-A0B2-2B479E8F2E90}'

function Set-FlatnetFolder {
    [CmdletBinding(SupportsShouldProcess)]
    param()
    if (Test-Path -LiteralPath $FlatnetFolder) { return }
    if (-not $PSCmdlet.ShouldProcess($FlatnetFolder, 'create')) { return }
    [void](New-Item -ItemType Directory -Path $FlatnetFolder)
}

# A script or the settings of the task. They go with the folder.
function Set-FlatnetOwnFile {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory)][string]$Name, [Parameter(Mandatory)][string]$Text)
    $path = Join-Path $FlatnetFolder $Name
    $state = 'planned'
    if ((Test-Path -LiteralPath $path) -and [IO.File]::ReadAllText($path) -ceq $Text) { $state = 'kept' }
    elseif ($PSCmdlet.ShouldProcess($path, 'write')) {
        [IO.File]::WriteAllText($path, $Text, (New-Object System.Text.UTF8Encoding $true))
        $state = 'changed'
    }
    Write-FlatnetStep -Step "file $Name" -State $state
}

# A file of the user. -Expect is the SHA-256 of what the plan was made from, '' for a file that is not there.
function Set-FlatnetUserFile {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory)][string]$Path, [string]$Expect, [Parameter(Mandatory)][string]$Content)
    $bytes = [Convert]::FromBase64String($Content)
    $have = Get-FlatnetHash -Path $Path
    $want = Get-FlatnetHashOf -Bytes $bytes
    $state = 'planned'
    if ($have -eq $want) { $state = 'kept' }
    elseif ($have -ne $Expect) { throw "$Path has changed since the plan was made: make the plan again" }
    elseif ($PSCmdlet.ShouldProcess($Path, 'write, keeping a copy')) {
        $copy = "$Path.before-flatnet"
        $isCopied = Test-Path -LiteralPath $copy
        if ($have -ne '' -and -not $isCopied) { Copy-Item -LiteralPath $Path -Destination $copy }
        Add-FlatnetRecord -Kind 'file' -Key $Path -Before $have -After $want
        [IO.File]::WriteAllBytes($Path, $bytes)
        $state = 'changed'
    }
    Write-FlatnetStep -Step "file $Path" -State $state
}

function Set-FlatnetFirewallRule {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)][string]$Name,
        [Parameter(Mandatory)][string]$Protocol,
        [Parameter(Mandatory)][int]$Port
    )
    $state = 'planned'
    $have = Get-NetFirewallRule -Name $Name -ErrorAction SilentlyContinue
    $want = "$Protocol $Port"
    $isOurs = Test-FlatnetRecord -Kind 'firewall' -Key $Name -After $want
    if ($null -ne $have -and $isOurs) { $state = 'kept' }
    elseif ($PSCmdlet.ShouldProcess($Name, "let $Protocol $Port in")) {
        Add-FlatnetRecord -Kind 'firewall' -Key $Name -Before '' -After $want
        if ($null -ne $have) { Remove-NetFirewallRule -Name $Name }
        [void](New-NetFirewallRule -Name $Name -DisplayName $Name -Group 'flatnet' -Direction Inbound `
                -Action Allow -Protocol $Protocol -LocalPort $Port -Profile @('Domain', 'Private'))
        $state = 'changed'
    }
    Write-FlatnetStep -Step "firewall $Name" -State $state
}

# Either a port, or all packets from the addresses of a pool.
function Set-FlatnetHyperVRule {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory)][string]$Name, [string]$Protocol = '', [int]$Port = 0, [string]$From = '')
    $state = 'planned'
    $have = Get-NetFirewallHyperVRule -Name $Name -ErrorAction SilentlyContinue
    $want = "$Protocol $Port $From"
    $what = @{}
    if ($Port -ne 0) { $what = @{ Protocol = $Protocol; LocalPorts = "$Port" } }
    if ($From -ne '') { $what['RemoteAddresses'] = $From }
    $isOurs = Test-FlatnetRecord -Kind 'hyper-v' -Key $Name -After $want
    if ($null -ne $have -and $isOurs) { $state = 'kept' }
    elseif ($PSCmdlet.ShouldProcess($Name, "let $want into WSL")) {
        Add-FlatnetRecord -Kind 'hyper-v' -Key $Name -Before '' -After $want
        if ($null -ne $have) { Remove-NetFirewallHyperVRule -Name $Name }
        [void](New-NetFirewallHyperVRule -Name $Name -DisplayName $Name -Direction Inbound -Action Allow `
                -VMCreatorId $FlatnetVmCreator @what)
        $state = 'changed'
    }
    Write-FlatnetStep -Step "hyper-v $Name" -State $state
}

# Runs flatnet-sync.ps1 as the system: at logon, after sleep, and every minute.
function Set-FlatnetSyncTask {
    [CmdletBinding(SupportsShouldProcess)]
    param()
    if (-not $PSCmdlet.ShouldProcess('flatnet\sync', 'register task')) {
        Write-FlatnetStep -Step 'task sync' -State 'planned'
        return
    }
    Add-FlatnetRecord -Kind 'task' -Key 'sync' -Before '' -After ''
    $file = Join-Path $FlatnetFolder 'flatnet-sync.ps1'
    $action = New-ScheduledTaskAction -Execute (Get-FlatnetPowerShell) `
        -Argument "-NoProfile -NonInteractive -ExecutionPolicy Bypass -File `"$file`""
    $class = Get-CimClass -Namespace 'Root/Microsoft/Windows/TaskScheduler' -ClassName 'MSFT_TaskEventTrigger'
    $resume = New-CimInstance -CimClass $class -ClientOnly
    $resume.Enabled = $true
    $resume.Subscription = '<QueryList><Query Id="0" Path="System"><Select Path="System">' +
        '*[System[Provider[@Name="Microsoft-Windows-Power-Troubleshooter"] and EventID=1]]' +
        '</Select></Query></QueryList>'
    $triggers = @(
        (New-ScheduledTaskTrigger -AtLogOn),
        (New-ScheduledTaskTrigger -Once -At (Get-Date) -RepetitionInterval (New-TimeSpan -Minutes 1)),
        $resume
    )
    $who = New-ScheduledTaskPrincipal -UserId 'S-1-5-18' -LogonType ServiceAccount -RunLevel Highest
    $settings = New-ScheduledTaskSettingsSet -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries `
        -StartWhenAvailable -MultipleInstances IgnoreNew -ExecutionTimeLimit (New-TimeSpan -Minutes 5)
    [void](Register-ScheduledTask -TaskPath $FlatnetTaskPath -TaskName 'sync' -Action $action `
            -Trigger $triggers -Principal $who -Settings $settings -Force)
    Write-FlatnetStep -Step 'task sync' -State 'changed'
}

# Keeps a process in the distribution from logon to logoff, because WSL ends one that has none from Windows.
# It runs as the user, without the rights of an administrator.
function Set-FlatnetKeepAliveTask {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory)][string]$Distribution, [Parameter(Mandatory)][string]$Sid)
    if (-not $PSCmdlet.ShouldProcess('flatnet\keep-alive', 'register task')) {
        Write-FlatnetStep -Step 'task keep-alive' -State 'planned'
        return
    }
    Add-FlatnetRecord -Kind 'task' -Key 'keep-alive' -Before '' -After ''
    $line = "wsl.exe --distribution $Distribution --user root --exec /bin/sleep infinity"
    $action = New-ScheduledTaskAction -Execute (Get-FlatnetPowerShell) `
        -Argument "-NoProfile -NonInteractive -WindowStyle Hidden -Command $line"
    $logon = New-ScheduledTaskTrigger -AtLogOn -User $Sid
    $who = New-ScheduledTaskPrincipal -UserId $Sid -LogonType Interactive -RunLevel Limited
    $settings = New-ScheduledTaskSettingsSet -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries `
        -StartWhenAvailable -MultipleInstances IgnoreNew -ExecutionTimeLimit ([TimeSpan]::Zero) `
        -RestartCount 999 -RestartInterval (New-TimeSpan -Minutes 1)
    [void](Register-ScheduledTask -TaskPath $FlatnetTaskPath -TaskName 'keep-alive' -Action $action `
            -Trigger $logon -Principal $who -Settings $settings -Force)
    Start-ScheduledTask -TaskPath $FlatnetTaskPath -TaskName 'keep-alive'
    Write-FlatnetStep -Step 'task keep-alive' -State 'changed'
}

function Get-FlatnetPowerShell {
    Join-Path ([Environment]::GetFolderPath('System')) 'WindowsPowerShell\v1.0\powershell.exe'
}
