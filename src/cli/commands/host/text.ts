// The words of `flatnet-cni host`.

import { basename } from 'node:path'
import type { AddedHost } from '../../../office/add-host.ts'
import { assignedTo, type HostState, type ListedHost } from '../../../provision/office/host-list.ts'
import type { Theme } from '../../terminal.ts'
import { drawTable } from '../../text/grid.ts'
import { addressesText, gatewayLines, moveLines } from './described.ts'

/** Returns what --json prints of a host that was added. */
export function addedData({ assignment, notAfter, code, file }: AddedHost): object {
  const until = new Date(notAfter * 1000).toISOString()
  return { ...assignedTo(assignment), notAfter: until, file, code: code ?? null }
}

/** Renders a host that was added: its addresses, its bundle, and what to type there. */
export function addedText({ assignment, code, file, isMove }: AddedHost, theme: Theme): string {
  const { name, role } = assignment
  const secret =
    code === undefined
      ? theme.warn('It is not encrypted: anyone who reads it can pass for this host.')
      : `The code that opens it, shown only now:\n\n    ${theme.strong(code)}\n`
  return [
    `${role === 'lighthouse' ? 'Lighthouse' : 'Host'} ${theme.strong(name)}: ${addressesText(assignment)}`,
    ...gatewayLines([assignment]),
    ...(isMove ? moveLines(assignment) : []),
    `Bundle: ${file}`,
    secret,
    `Next: copy the file to ${name}, and there, as root: flatnet-cni join ${basename(file)}`,
    '',
  ].join('\n')
}

const COLOURS: Readonly<Record<HostState, keyof Theme>> = {
  valid: 'good',
  'expires soon': 'warn',
  expired: 'bad',
  unsigned: 'warn',
  revoked: 'bad',
}

/** Renders the list of hosts. */
export function listText(hosts: readonly ListedHost[], theme: Theme): string {
  if (hosts.length === 0) return 'no hosts yet: flatnet-cni host add NAME --lighthouse --address ADDRESS\n'
  const rows = hosts.map(({ name, role, overlay, subnets, gateway, daysLeft, state }) => [
    name,
    gateway ? `${role}, gateway` : role,
    overlay.join(', '),
    subnets.join(', ') || '-',
    daysLeft === null ? '-' : String(daysLeft),
    theme[COLOURS[state]](state),
  ])
  const table = drawTable(theme, ['HOST', 'ROLE', 'OVERLAY', 'SUBNET', 'DAYS LEFT', 'STATE'], rows)
  return [
    table,
    ...gatewayLines(hosts.filter(({ state }) => state !== 'revoked')).map((line) => `${line}\n`),
  ].join('')
}
