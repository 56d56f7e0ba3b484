# What every script of flatnet on Windows starts with: the record of what was there before, the report, the
# exit code. Windows PowerShell 5.1. Everything is in %ProgramFiles%\flatnet, where only administrators write.
#
# A step changes only what differs. record.json says what was there before, is written before each change, and
# is all that flatnet-undo.ps1 works by.
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$FlatnetFolder = Join-Path ([Environment]::GetFolderPath('ProgramFiles')) 'flatnet'
$FlatnetTaskPath = '\flatnet\'
# Marks routes as flatnet's, as protocol 77 does in Linux.
$FlatnetMetric = 77
$FlatnetReport = New-Object System.Collections.ArrayList

function Write-FlatnetStep {
    param([string]$Step, [string]$State)
    [void]$FlatnetReport.Add([pscustomobject]@{ step = $Step; state = $State })
}

function Save-FlatnetJson {
    param([string]$Name, [object]$Value)
    if ($WhatIfPreference) { return }
    $path = Join-Path $FlatnetFolder $Name
    $text = ConvertTo-Json -InputObject $Value -Depth 6
    [IO.File]::WriteAllText("$path.new", $text, (New-Object System.Text.UTF8Encoding $false))
    Move-Item -LiteralPath "$path.new" -Destination $path -Force
}

function Get-FlatnetRecord {
    $path = Join-Path $FlatnetFolder 'record.json'
    if (Test-Path -LiteralPath $path) {
        $read = ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($path))
        $read.entries
    }
}

# Keeps what was there before the first change, and what is put there now.
function Add-FlatnetRecord {
    param([string]$Kind, [string]$Key, [string]$Before, [string]$After)
    $entries = @(Get-FlatnetRecord)
    $known = @($entries | Where-Object { $_.kind -ceq $Kind -and $_.key -ceq $Key })
    if ($known.Count -gt 0) { $known[0].after = $After }
    else { $entries += [pscustomobject]@{ kind = $Kind; key = $Key; before = $Before; after = $After } }
    Save-FlatnetJson -Name 'record.json' -Value @{ version = 1; entries = $entries }
}

# Tells whether a step put this there and nothing else since.
function Test-FlatnetRecord {
    param([string]$Kind, [string]$Key, [string]$After)
    $known = @(Get-FlatnetRecord | Where-Object { $_.kind -ceq $Kind -and $_.key -ceq $Key })
    $known.Count -gt 0 -and $known[0].after -ceq $After
}

function Test-FlatnetAdministrator {
    $who = New-Object Security.Principal.WindowsPrincipal ([Security.Principal.WindowsIdentity]::GetCurrent())
    $who.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
}

# Runs steps and reports what became of them. Returns the exit code: 0 done, 1 a step failed, 2 no
# administrator.
function Invoke-Flatnet {
    param([scriptblock]$Steps)
    $outcome = 'done'
    $problem = ''
    if (-not (Test-FlatnetAdministrator) -and -not $WhatIfPreference) {
        [Console]::Error.WriteLine('flatnet: run this in a PowerShell that was started as administrator')
        return 2
    }
    try { & $Steps | Out-Null } catch {
        $outcome = 'failed'
        $problem = "$_"
        [Console]::Error.WriteLine("flatnet: $problem")
    }
    $report = @{
        version = 1
        at = (Get-Date).ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ')
        outcome = $outcome
        problem = $problem
        steps = @($FlatnetReport)
    }
    [Console]::Out.WriteLine((ConvertTo-Json -InputObject $report -Depth 6))
    if (Test-Path -LiteralPath $FlatnetFolder) { Save-FlatnetJson -Name 'report.json' -Value $report }
    if ($outcome -eq 'done') { 0 } else { 1 }
}

function Get-FlatnetHashOf {
    param([byte[]]$Bytes)
    $made = [Security.Cryptography.SHA256]::Create().ComputeHash($Bytes)
    [BitConverter]::ToString($made).Replace('-', '').ToLowerInvariant()
}

function Get-FlatnetHash {
    param([string]$Path)
    if (-not (Test-Path -LiteralPath $Path)) { return '' }
    Get-FlatnetHashOf -Bytes ([IO.File]::ReadAllBytes($Path))
}
