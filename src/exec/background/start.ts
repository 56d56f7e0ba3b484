// Runs a process alongside the agent: the monitor and the route guard.

import { environment } from '../launch/launch.ts'
import { trySpawn } from '../launch/spawn.ts'

/** A process that runs alongside the caller. */
export interface Background {
  /** Undefined if it could not be started. */
  readonly pid: number | undefined
  /** Resolves when the process has ended for any reason. Never rejects. */
  readonly ended: Promise<void>
  readonly kill: () => void
}

/** A process to run alongside the caller. Its standard error is discarded. */
interface BackgroundCommand {
  readonly file: 'ip' | 'sh'
  readonly args: readonly string[]
  /** Called with each line of standard output, without its newline. */
  readonly onLine?: (line: string) => void
  /** Run it in its own session, so that it outlives the caller and receives no Ctrl-C from a terminal. */
  readonly outlives?: boolean
  /**
   * Its standard input stays open and empty until the caller ends. By default it has ended from the start.
   */
  readonly holdsStdin?: boolean
  /** Names of environment variables to pass on. */
  readonly pass?: readonly string[]
}

/** Starts a process and returns without waiting for its end. Only for the agent, never for a verb. */
export function startBackground(command: BackgroundCommand): Background {
  const { file, args, onLine, outlives = false, holdsStdin = false, pass = [] } = command
  const stdout = onLine === undefined ? 'ignore' : 'pipe'
  const child = trySpawn(file, args, {
    env: environment(pass),
    stdio: [holdsStdin ? 'pipe' : 'ignore', stdout, 'ignore'],
    detached: outlives,
  })
  if (typeof child === 'string') return { pid: undefined, ended: Promise.resolve(), kill: () => undefined }
  const kill = (): void => void child.kill('SIGKILL')
  if (outlives) child.unref()
  else process.once('exit', kill)
  if (onLine !== undefined && child.stdout !== null) readLines(child.stdout, onLine)
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      process.off('exit', kill)
      resolve()
    }
    // "close" follows "error" too. Without a listener, Node throws the error.
    child.on('error', () => undefined).once('close', end)
  })
  return { pid: child.pid, ended, kill }
}

function readLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
}
