// The scripts for Windows, as PowerShell's grammar reads them. No PowerShell runs here.

import t from 'tap'
import { readPowerShell, type Script } from '../../fixtures/windows/grammar.ts'
import { WINDOWS_SCRIPTS } from '../../fixtures/windows/scripts.ts'

const scripts = Object.entries(WINDOWS_SCRIPTS).map(([name, text]) => ({
  name,
  text,
  script: readPowerShell(text),
}))
const functions = scripts.flatMap(({ script }) => script.functions)

// Cmdlets and programs that are on every Windows since 1809. What Windows 10 lacks is asked for first.
const KNOWN = new Set(
  `Add-FlatnetRecord ConvertFrom-Json ConvertTo-Json Copy-Item Find-NetRoute ForEach-Object
  Get-CimClass Get-Command Get-Date Get-Item Get-NetFirewallHyperVRule Get-NetFirewallRule
  Get-NetIPAddress Get-NetIPInterface Get-NetRoute Get-NetTCPConnection Join-Path Move-Item
  New-CimInstance New-Item New-NetFirewallHyperVRule New-NetFirewallRule New-NetRoute New-Object
  New-ScheduledTaskAction New-ScheduledTaskPrincipal New-ScheduledTaskSettingsSet
  New-ScheduledTaskTrigger New-TimeSpan Out-Null Register-ScheduledTask Remove-Item
  Remove-NetFirewallHyperVRule Remove-NetFirewallRule Remove-NetRoute Set-NetIPInterface
  Set-StrictMode Sort-Object Start-ScheduledTask Test-Path Unregister-ScheduledTask Where-Object
  Write-Verbose netsh.exe`.split(/\s+/),
)

t.test('each is PowerShell, strict, in ASCII, and not too wide', async (t) => {
  for (const { name, text, script } of scripts) {
    t.same(script.faults, [], name)
    t.match(text, /^Set-StrictMode -Version 3\.0\n\$ErrorActionPreference = 'Stop'$/m, name)
    t.match(text, /^[\n -~]*$/, name)
    t.same(
      text.split('\n').filter((line) => line.length > 110),
      [],
      name,
    )
  }
})

// The grammar gives no name to these: a block for each element, and what is dot-sourced or called from a
// variable.
function isOwnBlock(text: string): boolean {
  return /^(?:ForEach-Object \{|\$Steps?$|\(Join-Path \$PSScriptRoot ')/.test(text)
}

t.test('nothing is called that is not there, and nothing evaluates a text', async (t) => {
  const own = new Set(functions.map((each) => each.name))
  for (const { name, script } of scripts)
    for (const { name: called } of script.calls)
      t.ok(own.has(called) || KNOWN.has(called) || isOwnBlock(called), `${name} calls ${called}`)
})

t.test('functions of ours get the parameters that they have', async (t) => {
  const common = ['ErrorAction', 'WhatIf', 'Confirm']
  const judge = ({ calls }: Script, name: string): void => {
    for (const call of calls) {
      const declared = functions.find((each) => each.name === call.name)
      if (declared === undefined) continue
      for (const parameter of call.parameters)
        t.ok([...declared.parameters, ...common].includes(parameter), `${name}: ${call.name} -${parameter}`)
    }
  }
  for (const { name, script } of scripts) judge(script, name)
})

// Strict mode ends a script that reads a variable that nothing has set.
t.test('every variable that is read is set in the same function, or by the script', async (t) => {
  const automatic = '_ null true false PSCmdlet PSScriptRoot LASTEXITCODE WhatIfPreference'.split(' ')
  const shared = scripts.filter((each) => /Record|Network|System/.test(each.name))
  const known = new Set([...automatic, ...shared.flatMap(({ script }) => [...script.variables])])
  for (const { name, script } of scripts)
    t.same(
      script.unset.filter((each) => !known.has(each)),
      [],
      name,
    )
  t.same(readPowerShell('$a = 1\nfunction f { param($b) $c = $a + $b; $d.e = $c }').unset, ['d'])
})

t.test('whatever changes Windows can say so with -WhatIf', async (t) => {
  for (const { name, changesThings } of functions.filter((each) => /^(?:Set|Remove)-/.test(each.name)))
    t.ok(changesThings, name)
  for (const { name, text } of scripts.filter((each) => /Sync|Undo/.test(each.name)))
    t.match(text, /^\[CmdletBinding\(SupportsShouldProcess\)\]\nparam\(\)$/m, name)
})

t.test('what leads out of the scripts is an exit code that each explains', async (t) => {
  for (const { name, text } of scripts.filter((each) => /Sync|Undo/.test(each.name)))
    t.match(text, /^# Exit codes: 0 done, 1 something failed/m, name)
})
