// A place is where commands run: a network namespace, or a whole host with separate files and processes.
import {
  ENVIRONMENT,
  run,
  STANDARD_PATH,
  start,
  type Outcome,
  type RunOptions,
  type Running,
} from '../run.ts'

export interface Place {
  readonly name: string
  /** The environment of commands in this place. */
  readonly env: Readonly<Record<string, string>>
  /** Returns the command with the prefix that runs it here, for callers that start it themselves. */
  argv(command: readonly string[]): string[]
  /** Runs a command here until it exits. @throws Error when it fails, unless `check` is false */
  exec(command: readonly string[], options?: RunOptions): Promise<Outcome>
  /**
   * Starts a command here that runs beside the caller. Killing the returned process also ends the command.
   */
  start(command: readonly string[]): Running
}

export function netnsPlace(name: string, netns: string): Place {
  const enter = ['nsenter', `--net=/run/netns/${netns}`, '--']
  return placeOf(name, {}, (command) => [...enter, ...command])
}

/**
 * Returns the place of a host: its mounts, name, IPC, network and processes.
 * @param holderPid is called for every command, because a reboot changes the holder
 * @param path folders to search before the standard ones
 */
export function hostPlace(name: string, holderPid: () => number, path: readonly string[]): Place {
  const enter = ['-m', '-u', '-i', '-n', '-p', '-r', '--wdns=/', '--']
  // nsenter waits outside the host's process namespace and forwards no signal. With this, the command ends
  // when nsenter ends: setpriv(1). Processes that the command leaves behind are not affected.
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
