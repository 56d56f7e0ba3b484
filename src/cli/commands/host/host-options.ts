// What `host add` and `host invite` ask in the same words.

import type { Call, OperandSpec, OptionSpec } from '../../command.ts'

export const NAME_OPERAND: OperandSpec = {
  name: 'NAME',
  summary: 'the name of the host: lowercase letters, digits and dashes',
}

export const CONTAINERS_OPTION: OptionSpec = {
  name: 'containers',
  summary: 'with --lighthouse: it runs containers, too',
}

export const GATEWAY_OPTION: OptionSpec = {
  name: 'gateway',
  summary: 'it forwards for all hosts, with the whole pool in its certificate; it runs containers, too',
}

/** What `host renew` may change of that later. */
export const GATEWAY_CHANGES: readonly OptionSpec[] = [
  { name: 'gateway', summary: 'have the host forward for all hosts from now on' },
  { name: 'no-gateway', summary: 'have it forward no longer' },
]

export const GROUP_OPTION: OptionSpec = {
  name: 'group',
  value: 'GROUP',
  isList: true,
  summary: "a group in its certificate, for Nebula's rules",
}

/** Tells whether the host is to have a subnet of its own. */
export function hasContainers(call: Call): boolean {
  return ['containers', 'gateway'].some(call.has) || !call.has('lighthouse')
}
