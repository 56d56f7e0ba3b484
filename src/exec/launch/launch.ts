// What a process is started with, and how it ended. Every way to start one shares these.

export interface Launch {
  readonly file: string
  readonly args: readonly string[]
  readonly input: string
  readonly timeoutMs: number
  readonly env: Readonly<Record<string, string>>
  /** How many more descriptors, from 3 on, the process may write to; 0 by default. */
  readonly outputs?: number
}

/** How a process ended, unjudged. `code` is the errno of a failed start ("ENOENT"). */
export interface Ending {
  readonly exitCode: number | undefined
  readonly signal: string | undefined
  readonly timedOut: boolean
  readonly code: string | undefined
  readonly stdout: string
  readonly stderr: string
  /** What came on each descriptor of `outputs`. */
  readonly more?: readonly string[]
}

/**
 * Returns the environment of a process. Runtimes may pass an almost empty one. LC_ALL=C keeps messages
 * comparable across logs.
 * @param pass names of further variables to pass on
 */
export function environment(pass: readonly string[]): Readonly<Record<string, string>> {
  const passed = pass.flatMap((name): [string, string][] => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  })
  return {
    ...Object.fromEntries(passed),
    PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`.replace(/^:/, ''),
    LC_ALL: 'C',
  }
}
