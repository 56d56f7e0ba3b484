// What `host add` and `host invite` ask in the same words.

import type { OperandSpec, OptionSpec } from '../../command.ts'

export const NAME_OPERAND: OperandSpec = {
  name: 'NAME',
  summary: 'the name of the host: lowercase letters, digits and dashes',
}

export const CONTAINERS_OPTION: OptionSpec = {
  name: 'containers',
  summary: 'with --lighthouse: it runs containers, too',
}

export const GROUP_OPTION: OptionSpec = {
  name: 'group',
  value: 'GROUP',
  isList: true,
  summary: "a group in its certificate, for Nebula's rules",
}
