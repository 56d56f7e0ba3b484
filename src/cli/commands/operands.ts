import type { OperandSpec } from '../command.ts'

/** Operands that several commands share. */
export const PEER: OperandSpec = {
  name: 'PEER',
  summary: 'a peer: its name or the beginning of it, its overlay address, or an address in its subnet',
  takes: 'peer',
}

export const ADDRESS: OperandSpec = {
  name: 'ADDRESS',
  summary: 'the address of a container on this host',
  takes: 'address',
}
