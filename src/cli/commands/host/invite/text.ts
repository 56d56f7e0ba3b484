// The words of `flatnet-cni host invite`.

import type { EnrolledHost } from '../../../../office/invite/enrol.ts'
import type { Invitation } from '../../../../provision/enrolment/invitation.ts'
import { targetText } from '../../../../provision/enrolment/target.ts'
import { assignedTo } from '../../../../provision/office/host-list.ts'
import type { WslMode } from '../../../../provision/host/surroundings.ts'
import type { Theme } from '../../../terminal.ts'
import { addressesText, gatewayLines } from '../described.ts'

/** What to type on the host. */
export interface ToType {
  readonly invitation: Invitation
  readonly isResumed: boolean
  /** Of this machine, the likeliest first; one at least. */
  readonly addresses: readonly string[]
  readonly wsl: WslMode
}

/** Returns what --json prints first. */
export function invitationData(toType: ToType): object {
  const { invitation, isResumed, addresses } = toType
  const { host, code, port, until } = invitation
  return {
    version: 1,
    event: 'waiting',
    name: host.name,
    line: lineOf(toType),
    addresses,
    port,
    code,
    until: new Date(until * 1000).toISOString(),
    resumed: isResumed,
  }
}

/** Renders the line to type. */
export function lineText(toType: ToType, theme: Theme): string {
  return `${theme.strong(lineOf(toType))}\n`
}

function lineOf({ invitation: { code, port }, addresses }: ToType): string {
  return `flatnet-cni join ${targetText({ host: addresses[0] ?? '', port })} ${code}`
}

/** Renders what to know besides: where to type it, until when, and which port to open. */
export function notesText({ invitation, isResumed, addresses, wsl }: ToType): string {
  const { host, until, port } = invitation
  const [first = '', ...others] = addresses
  return [
    `Type this on ${host.name}, as root, before ${timeText(until)}. Or leave the code out, and ` +
      'type it when asked.',
    ...(isResumed ? ['It is the code of the command that was stopped.'] : []),
    ...(others.length > 0 ? [`Other addresses of this machine: ${others.join(', ')}`] : []),
    `The host calls TCP port ${String(port)} of this machine. Its firewall has to let that in: ` +
      `ufw allow ${String(port)}/tcp`,
    ...windowsLines(wsl, first, String(port)),
    'Ctrl-C ends the invitation.',
    '',
  ].join('\n')
}

// escalation.md knows both modes: NAT hides WSL2 behind Windows, mirrored mode shares Windows' addresses.
function windowsLines(wsl: WslMode, address: string, port: string): readonly string[] {
  if (wsl === 'none') return []
  const rule =
    'New-NetFirewallRule -DisplayName flatnet-invite -Direction Inbound -Protocol TCP -LocalPort ' +
    `${port} -Action Allow`
  if (wsl === 'mirrored')
    return [
      `On Windows, in an administrator's PowerShell: ${rule} (and for Hyper-V's firewall, ` +
        'New-NetFirewallHyperVRule)',
    ]
  return [
    `This is WSL2: hosts reach it by the address of Windows, so type that instead of ${address}. ` +
      `In an administrator's PowerShell:`,
    `  netsh interface portproxy add v4tov4 listenport=${port} connectport=${port} connectaddress=${address}`,
    `  ${rule}`,
    `Afterwards: netsh interface portproxy delete v4tov4 listenport=${port}; ` +
      'Remove-NetFirewallRule -DisplayName flatnet-invite',
  ]
}

/** Renders how long it waits. */
export function tickText(name: string, seconds: number, wrongCodes: number): string {
  const [minutes, rest] = [Math.floor(Math.max(0, seconds) / 60), Math.max(0, seconds) % 60]
  const wrong = wrongCodes === 0 ? '' : `; wrong codes: ${String(wrongCodes)}`
  return `waiting for ${name}, ${String(minutes)}:${String(rest).padStart(2, '0')} left${wrong}`
}

/** Returns what --json prints of a host that joined. */
export function joinedData({ assignment, signature }: EnrolledHost): object {
  const notAfter = new Date(signature.notAfter * 1000).toISOString()
  const { fingerprint } = signature
  return { version: 1, event: 'joined', ...assignedTo(assignment), notAfter, fingerprint }
}

/** Renders a host that joined. */
export function joinedText({ assignment }: EnrolledHost, theme: Theme): string {
  const { name, role } = assignment
  const lines = [
    `${role === 'lighthouse' ? 'Lighthouse' : 'Host'} ${theme.strong(name)} has its certificate: ` +
      addressesText(assignment),
    ...gatewayLines([assignment]),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

function timeText(seconds: number): string {
  return new Date(seconds * 1000).toTimeString().slice(0, 5)
}
