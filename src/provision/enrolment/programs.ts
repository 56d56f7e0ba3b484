// Programs of Nebula that an office hands to a host which lacks them.

import type { JsonObject } from '../../json.ts'
import { isObject } from '../../json.ts'

export const PROGRAM_NAMES = ['nebula', 'nebula-cert'] as const

export type ProgramName = (typeof PROGRAM_NAMES)[number]

/** What an office would send. */
export interface OfferedProgram {
  readonly name: ProgramName
  readonly bytes: number
  readonly sha256: string
}

/** Processors that flatnet runs on, in the words of Node. */
export const MACHINES = ['x64', 'arm64'] as const

export type Machine = (typeof MACHINES)[number]

/** Bytes of a file that one message carries. */
export const PIECE_BYTES = 1_048_576
/** Five times Nebula's. */
export const MOST_PROGRAM_BYTES = 134_217_728

// elf(5): e_machine is the 16-bit number at 18. EM_X86_64 and EM_AARCH64; both are little-endian.
const ELF_MACHINES: Readonly<Record<number, Machine>> = { 62: 'x64', 183: 'arm64' }
/** Bytes of a file that {@link machineOf} needs. */
export const HEAD_BYTES = 20

/** Returns the processor that a program is for; undefined for other files. */
export function machineOf(head: Uint8Array): Machine | undefined {
  const bytes = Buffer.from(head)
  // 64 bits, little-endian.
  const isElf = bytes.length >= HEAD_BYTES && bytes.readUInt32BE(0) === 0x7f454c46
  return isElf && bytes[4] === 2 && bytes[5] === 1 ? ELF_MACHINES[bytes.readUInt16LE(18)] : undefined
}

/** Reads an offer; undefined for what has another form. */
export function readOffer(value: unknown): readonly OfferedProgram[] | undefined {
  if (!Array.isArray(value) || value.length > PROGRAM_NAMES.length) return undefined
  const found = value.map((item) => (isObject(item) ? offered(item) : undefined))
  return found.every((each) => each !== undefined) ? found : undefined
}

function offered({ name, bytes, sha256, ...more }: JsonObject): OfferedProgram | undefined {
  const known = PROGRAM_NAMES.find((each) => each === name)
  const isSize = typeof bytes === 'number' && Number.isInteger(bytes)
  if (known === undefined || !isSize || bytes < 1 || bytes > MOST_PROGRAM_BYTES) return undefined
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) return undefined
  return Object.keys(more).length === 0 ? { name: known, bytes, sha256 } : undefined
}

/** Returns the bytes of a piece; undefined for what is not base64, empty, or too long. */
export function readPiece(value: unknown): Buffer | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  const bytes = Buffer.from(value, 'base64')
  return bytes.toString('base64') === value && bytes.length <= PIECE_BYTES ? bytes : undefined
}
