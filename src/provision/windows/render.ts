// Renders steps into PowerShell: one call of a function of scripts/windows/*.ps1 for each. Values stand
// in single quotes alone.

import type { ShippedFiles } from '../../shipped-files.ts'
import { quote } from './quote.ts'
import { INSTALLED_SCRIPTS, type WindowsPlan } from './plan.ts'
import { stepText, type WindowsStep } from './step.ts'

type WindowsScripts = Pick<
  ShippedFiles,
  'windowsRecord' | 'windowsNetwork' | 'windowsSystem' | 'windowsSync' | 'windowsUndo'
>

const TEXTS = {
  'flatnet-record.ps1': 'windowsRecord',
  'flatnet-network.ps1': 'windowsNetwork',
  'flatnet-system.ps1': 'windowsSystem',
  'flatnet-sync.ps1': 'windowsSync',
  'flatnet-undo.ps1': 'windowsUndo',
} as const
/** What the setup script itself runs. */
const OWN = ['flatnet-record.ps1', 'flatnet-network.ps1', 'flatnet-system.ps1'] as const

/**
 * Returns the bytes of the setup script: UTF-8 with a byte order mark, without which Windows PowerShell
 * reads the code page of the system, and Windows' line ends.
 */
export function renderSetup({ steps, notes }: WindowsPlan, scripts: WindowsScripts): Buffer {
  const names = new Set([...INSTALLED_SCRIPTS, ...OWN])
  const texts = [...names].flatMap((name) => [
    '',
    `$FlatnetFiles[${quote(name)}] = @'`,
    bodyOf(scripts[TEXTS[name]], name),
    "'@",
  ])
  const lines = [
    '# Sets Windows up for flatnet. Made by `flatnet-cni join --windows`. Run it as administrator:',
    '#',
    '#   powershell -NoProfile -ExecutionPolicy Bypass -File THIS-FILE [-WhatIf]',
    '#',
    '# -WhatIf says what it would change. It can be run again, and flatnet-undo.ps1 in',
    '# %ProgramFiles%\\flatnet takes everything back. What it does is at the end.',
    '# Exit codes: 0 done, 1 a step failed, 2 no administrator.',
    ...notes.map((note) => `# Note: ${note.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')}`),
    '[CmdletBinding(SupportsShouldProcess)]',
    'param()',
    'Set-StrictMode -Version 3.0',
    "$ErrorActionPreference = 'Stop'",
    '$FlatnetFiles = @{}',
    ...texts,
    '',
    ...OWN.map((name) => `. ([scriptblock]::Create($FlatnetFiles[${quote(name)}]))`),
    '',
    '$FlatnetExitCode = Invoke-Flatnet -Steps {',
    '    Set-FlatnetFolder',
    ...steps.flatMap((step) => [
      `    # ${stepText(step).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')}`,
      `    ${renderStep(step)}`,
    ]),
    '}',
    'exit $FlatnetExitCode',
    '',
  ]
  return Buffer.from(`\uFEFF${lines.join('\n').replaceAll(/\r?\n/g, '\r\n')}`, 'utf8')
}

function bodyOf(text: string, name: string): string {
  // It would end the string that holds it.
  if (/^\s*['\u2018-\u201B]@/m.test(text)) throw new Error(`${name}: has a line that begins with '@`)
  return text.trimEnd()
}

/** Returns the call that takes a step. */
function renderStep(step: WindowsStep): string {
  switch (step.kind) {
    case 'script':
      return `Set-FlatnetOwnFile -Name ${quote(step.name)} -Text $FlatnetFiles[${quote(step.name)}]`
    case 'settings':
      return `Set-FlatnetOwnFile -Name 'settings.json' -Text ${quote(step.text)}`
    case 'user-file': {
      const content = step.bytes.toString('base64')
      return call('Set-FlatnetUserFile', { Path: step.path, Expect: step.expect, Content: content })
    }
    case 'forwarding':
      return call('Set-FlatnetForwarding', { Alias: step.alias })
    case 'route':
      return call('Set-FlatnetRoute', {
        Destination: step.destination,
        NextHop: step.nextHop,
        Alias: step.alias,
      })
    case 'port-proxy':
      return call('Set-FlatnetPortProxy', {
        ListenPort: step.port,
        ConnectAddress: step.address,
        ConnectPort: step.port,
        Alias: step.alias,
      })
    case 'firewall':
      return call('Set-FlatnetFirewallRule', { Name: step.name, Protocol: step.protocol, Port: step.port })
    case 'hyper-v-port':
      return call('Set-FlatnetHyperVRule', { Name: step.name, Protocol: step.protocol, Port: step.port })
    case 'hyper-v-pool':
      return call('Set-FlatnetHyperVRule', { Name: step.name, From: step.from })
    case 'sync-task':
      return 'Set-FlatnetSyncTask'
    case 'keep-alive':
      return call('Set-FlatnetKeepAliveTask', { Distribution: step.distribution, Sid: step.sid })
  }
}

function call(name: string, values: Readonly<Record<string, string | number>>): string {
  const given = Object.entries(values).map(([key, value]) => `-${key} ${literal(value)}`)
  return [name, ...given].join(' ')
}

function literal(value: string | number): string {
  if (typeof value === 'string') return quote(value)
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`no port: ${String(value)}`)
  return String(value)
}
