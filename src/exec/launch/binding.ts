// Starts a process with the binding beneath Node's own spawnSync, because loading node:child_process takes a
// fifth of a verb's own time (docs/startup.md). Node documents neither the binding nor its arguments, but the
// executable contains the Node that it was tested with, and spawn-sync.ts knows the documented way.

import type { Ending, Launch } from './launch.ts'

/** The binding's one function, as lib/internal/child_process.js of Node 24 calls it. */
type Spawn = (options: {
  readonly file: string
  readonly args: readonly string[]
  readonly envPairs: readonly string[]
  readonly stdio: readonly Descriptor[]
  readonly timeout: number
  readonly killSignal: number
  readonly detached: boolean
}) => Result

interface Descriptor {
  readonly type: 'pipe' | 'ignore'
  readonly readable?: boolean
  readonly writable?: boolean
  readonly input?: Uint8Array
}

interface Result {
  /** A negative errno. */
  readonly error?: number
  readonly status: number | null
  readonly signal: string | null
  /** One entry for each descriptor; null if the process was not started. */
  readonly output: readonly (Buffer | null)[] | null
}

const SIGKILL = 9
// libuv's names (uv_err_name) of what a start or its end usually reports.
const CODES: Readonly<Record<number, string>> = { 2: 'ENOENT', 13: 'EACCES', 32: 'EPIPE', 110: 'ETIMEDOUT' }

/** Returns the binding, or undefined if this Node has none. */
export function spawnBinding(): Spawn | undefined {
  try {
    // Node's types leave the deprecated process.binding out.
    const { binding } = process as { readonly binding?: (name: string) => { readonly spawn?: Spawn } }
    const spawn = binding?.('spawn_sync').spawn
    return typeof spawn === 'function' ? spawn : undefined
  } catch {
    return undefined
  }
}

/** Runs a process to its end. Returns undefined, with nothing started, if the binding refuses the call. */
export function startWithBinding(spawn: Spawn, launch: Launch, isDetached: boolean): Ending | undefined {
  const { file, args, env, input, timeoutMs, outputs = 0 } = launch
  const envPairs = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  // The binding would end a text at a NUL.
  if ([file, ...args, ...envPairs].some((text) => text.includes('\0'))) return undefined
  let result: Result
  try {
    result = spawn({
      file,
      args: [file, ...args],
      envPairs,
      stdio: [
        // /dev/null costs less than a pipe that is closed immediately.
        input === '' ? { type: 'ignore' } : { ...INPUT, input: Buffer.from(input) },
        ...Array.from({ length: 2 + outputs }, () => OUTPUT),
      ],
      timeout: timeoutMs,
      killSignal: SIGKILL,
      detached: isDetached,
    })
  } catch {
    // It throws only before it starts anything (Node's src/spawn_sync.cc, ParseOptions).
    return undefined
  }
  return endingOf(result)
}

const INPUT: Descriptor = { type: 'pipe', readable: true, writable: false }
const OUTPUT: Descriptor = { type: 'pipe', readable: false, writable: true }

function endingOf({ error, status, signal, output }: Result): Ending {
  const code = error === undefined ? undefined : (CODES[-error] ?? `errno ${String(-error)}`)
  const [, stdout = '', stderr = '', ...more] = (output ?? []).map((bytes) => bytes?.toString('utf8'))
  return {
    exitCode: status ?? undefined,
    signal: signal ?? undefined,
    timedOut: code === 'ETIMEDOUT',
    // EPIPE: the program exited before it read all of its stdin. Its exit code tells more.
    code: code === 'EPIPE' ? undefined : code,
    stdout,
    stderr,
    ...(more.length > 0 && { more: more.map((text = '') => text) }),
  }
}
