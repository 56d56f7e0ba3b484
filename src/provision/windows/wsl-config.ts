// The keys of .wslconfig by which WSL keeps an idle distribution.

import { hash } from 'node:crypto'
import { parseIni, setIni } from './ini.ts'
import type { WindowsFacts } from './facts.ts'
import type { WindowsStep } from './step.ts'

const WANTED = [
  ['general.instanceIdleTimeout', '-1'],
  ['wsl2.vmIdleTimeout', '-1'],
] as const
// Milliseconds; a day is as good as never.
const LONG = 86_400_000

/** Returns the step that sets what is missing; undefined if nothing is. */
export function keepRunningStep({ wslConfig: { path, bytes } }: WindowsFacts): WindowsStep | undefined {
  const before = bytes ?? Buffer.alloc(0)
  const { text, encode } = decode(before)
  const missing = WANTED.filter(([name]) => !isLong(parseIni(text).get(name.toLowerCase())))
  if (missing.length === 0) return undefined
  const after = missing.reduce((all, [name, value]) => setIni(all, name, value), text)
  return {
    kind: 'user-file',
    path,
    expect: bytes === undefined ? '' : hash('sha256', bytes),
    bytes: encode(after),
    what: missing.map(([name, value]) => `${name}=${value}`).join(' and '),
  }
}

/** Whether a value of one of these keys means that an idle distribution stays. */
export function isLong(text: string | undefined): boolean {
  const value = Number(text)
  return text !== undefined && text !== '' && (value < 0 || value >= LONG)
}

interface Text {
  readonly text: string
  readonly encode: (text: string) => Buffer
}

// The file keeps its encoding. Only ASCII is read and written in it, so every encoding that contains
// ASCII, like that of Japanese Windows, passes as bytes.
function decode(bytes: Buffer): Text {
  const [first, second] = bytes
  const isLittle = (first === 0xff && second === 0xfe) || (second === 0 && first !== 0 && bytes.length > 1)
  if (isLittle) return { text: bytes.toString('utf16le'), encode: (text) => Buffer.from(text, 'utf16le') }
  if (first === 0xfe && second === 0xff && bytes.length % 2 === 0)
    return {
      text: Buffer.from(bytes).swap16().toString('utf16le'),
      encode: (text) => Buffer.from(text, 'utf16le').swap16(),
    }
  return { text: bytes.toString('latin1'), encode: (text) => Buffer.from(text, 'latin1') }
}
