// A place is somewhere commands can be run: a network namespace, or a whole host with its own files and processes.
import { ENVIRONMENT, run, STANDARD_PATH, start, type Outcome, type RunOptions, type Running } from './run.ts'

export interface Place {
  readonly name: string
  /** The environment that commands get there. */
  readonly env: Readonly<Record<string, string>>
  /** The command with what has to stand before it, to be run there by other means. */
  argv(command: readonly string[]): string[]
  /** Runs a command there to its end. @throws Error when it fails, unless `check` is false. */
  exec(command: readonly string[], options?: RunOptions): Promise<Outcome>
  /** Starts a command there that runs beside the caller; killing what is returned ends the command too. */
  start(command: readonly string[]): Running
}

export function netnsPlace(name: string, netns: string): Place {
  const enter = ['nsenter', `--net=/run/netns/${netns}`, '--']
  return placeOf(name, {}, (command) => [...enter, ...command])
}

/**
 * A host held by a process: its mounts, name, IPC, network and processes.
 * @param holderPid asked for at every use, because a reboot changes it.
 * @param path folders to search before the standard ones.
 */
export function hostPlace(name: string, holderPid: () => number, path: readonly string[]): Place {
  const enter = ['-m', '-u', '-i', '-n', '-p', '-r', '--wdns=/', '--']
  // nsenter waits outside for the command in the host's process namespace and passes on no signal: this ends the
  // command when nsenter ends. setpriv(1); what the command itself leaves running is not touched.
  const tie = ['setpriv', '--pdeathsig', 'TERM', '--']
  return placeOf(name, { PATH: [...path, STANDARD_PATH].join(':') }, (command) => {
    return ['nsenter', '-t', String(holderPid()), ...enter, ...tie, ...command]
  })
}

function placeOf(
  name: string,
  more: Readonly<Record<string, string>>,
  argv: (command: readonly string[]) => string[],
): Place {
  const env = { ...ENVIRONMENT, ...more }
  return {
    name,
    env,
    argv,
    exec: (command, options = {}) => run(argv(command), { ...options, env: { ...env, ...options.env } }),
    start: (command) => start(argv(command), env),
  }
}
