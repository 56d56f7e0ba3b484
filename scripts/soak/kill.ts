// Calls that are killed at a system call of our choice. strace counts the calls of every process and thread by itself and
// sends SIGKILL at the entry of the Nth, which is then not done: N and N+1 are both sides of one system call.

import { existsSync, readFileSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { EXECUTABLE, variables, type Verb } from '../../test/fixtures/cni.ts'
import type { TestHost } from '../../test/fixtures/host.ts'
import type { Netns } from '../../test/fixtures/netns.ts'
import { run } from '../lab/run.ts'

/**
 * 'own': what our own process does to files, processes and sockets; it reaches any count before its children do. 'child':
 * netlink messages, which only `ip` and `nft` send; our process lives on and has to undo.
 */
export type Target = 'own' | 'child' | 'any call'

/** Where a call is killed: at the entry of the `nth` system call of a kind. */
export interface KillPoint {
  readonly verb: Verb
  readonly target: Target
  readonly nth: number
}

const CALLS: Readonly<Record<Target, string>> = {
  own: '%file,%process,%network,write,ftruncate,fsync',
  child: 'sendmsg,recvmsg',
  'any call': 'all',
}

/** "ADD killed at own 120". */
export function describePoint({ verb, target, nth }: KillPoint): string {
  return `${verb} killed at ${target} ${String(nth)}`
}

/** Makes a whole call and counts the system calls of the process that makes most. */
export async function countCalls(
  host: TestHost,
  verb: Verb,
  target: Target,
  container: Netns,
): Promise<number> {
  const trace = join(host.folder, `trace-${container.name}`)
  // Without -f only our own process is seen. The children's counts differ little, so one of theirs stands for all.
  const follow = target === 'child' ? ['-f'] : []
  const options = [...follow, '-qq', '-o', trace, '-e', 'signal=none', '-e', `trace=${CALLS[target]}`]
  const { exitCode, stdout } = await strace(host, verb, container, options)
  if (exitCode !== 0) throw new Error(`${verb} fails under strace: ${stdout}`)
  const lines = readFileSync(trace, 'utf8').trimEnd().split('\n')
  rmSync(trace)
  if (follow.length === 0) return lines.length
  const counts = new Map<string, number>()
  for (const line of lines) {
    const [pid = ''] = line.split(' ', 1)
    counts.set(pid, (counts.get(pid) ?? 0) + 1)
  }
  return Math.max(...counts.values())
}

/** Makes a call that is killed; false when it came to its end before. Returns when its children have ended too. */
export async function killAt(
  host: TestHost,
  { verb, target, nth }: KillPoint,
  container: Netns,
): Promise<boolean> {
  const inject = `inject=${CALLS[target]}:signal=SIGKILL:when=${String(nth)}`
  const options = ['-f', '--seccomp-bpf', '-qq', '-o', '/dev/null', '-e', inject]
  const { exitCode } = await strace(host, verb, container, options)
  letLockAge(host)
  return exitCode !== 0
}

/** As if the five seconds had passed after which a lock of somebody who has ended is not waited for any more. */
export function letLockAge(host: TestHost): void {
  const lock = join(host.stateDir, 'lock')
  const then = Date.now() / 1000 - 6
  if (existsSync(lock)) utimesSync(lock, then, then)
}

function strace(
  host: TestHost,
  verb: Verb,
  container: Netns,
  options: readonly string[],
): Promise<{ readonly exitCode: number; readonly stdout: string }> {
  const stdin = JSON.stringify(host.conf())
  return run(['nsenter', `--net=${host.netns.path}`, 'strace', ...options, EXECUTABLE], {
    check: false,
    input: stdin,
    env: variables(verb, { containerID: container.name, netns: container.path, stdin }),
  })
}
