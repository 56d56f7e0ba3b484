// Calls that are killed at a system call of our choice. strace counts, in each process and thread, the calls of each name and
// sends SIGKILL at the entry of the Nth, which is then not done: it and the one before it are both sides of a step.

import { existsSync, readFileSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { EXECUTABLE, variables, type Verb } from '../../test/fixtures/cni.ts'
import type { TestHost } from '../../test/fixtures/host.ts'
import type { Netns } from '../../test/fixtures/netns.ts'
import { run } from '../lab/run.ts'

/** Where a call is killed: when one of its processes enters the `nth` system call of that name. */
export interface KillPoint {
  readonly verb: Verb
  readonly syscall: string
  readonly nth: number
}

/**
 * Which system calls: 'effects' are what our own process does to files, processes and pipes; 'all' are all of its calls;
 * 'children' are netlink's, which only `ip` and `nft` make: our process lives on and has to undo.
 */
export type Kind = 'effects' | 'all' | 'children'

const CALLS: Readonly<Record<Kind, string>> = {
  effects: '%file,%process,%network,write,ftruncate,fsync',
  all: 'all',
  children: 'sendmsg,recvmsg,bind',
}

// How Node wakes its own threads up: nothing outside the process changes, and most calls are of this kind.
const WAKE_UP = /^write\(\d+, ("\*", 1|"\\1\\0\\0\\0\\0\\0\\0\\0", 8)\)/

/** "ADD killed at rename 3". */
export function describePoint({ verb, syscall, nth }: KillPoint): string {
  return `${verb} killed at ${syscall} ${String(nth)}`
}

/** Makes a whole call and lists all points of it, in the order in which they are come to. */
export async function listPoints(
  host: TestHost,
  verb: Verb,
  kind: Kind,
  container: Netns,
): Promise<readonly KillPoint[]> {
  const trace = join(host.folder, `trace-${container.name}`)
  const follow = kind === 'children' ? ['-f'] : []
  const options = [...follow, '-qq', '-o', trace, '-e', 'signal=none', '-e', `trace=${CALLS[kind]}`]
  const { exitCode, stdout } = await strace(host, verb, container, options)
  if (exitCode !== 0) throw new Error(`${verb} fails under strace: ${stdout}`)
  const lines = readFileSync(trace, 'utf8').trimEnd().split('\n')
  rmSync(trace)
  const counts = new Map<string, number>()
  const points = lines.flatMap((line) => {
    const [, pid = '', text = '', syscall] = /^(\d+ +)?((\w+)\(.*)/.exec(line) ?? []
    if (syscall === undefined) return []
    const nth = (counts.get(pid + syscall) ?? 0) + 1
    counts.set(pid + syscall, nth)
    return WAKE_UP.test(text) ? [] : [{ verb, syscall, nth }]
  })
  // The first child that comes so far is the one that is killed, so each count is one point however many children there are.
  return [...new Map(points.map((point) => [describePoint(point), point])).values()]
}

/** So many of the points, evenly spread. */
export function spread(points: readonly KillPoint[], count: number): readonly KillPoint[] {
  const step = Math.max(points.length / count, 1)
  return points.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step))
}

/** Makes a call that is killed; false when it succeeded all the same. Returns when its children have ended too. */
export async function killAt(
  host: TestHost,
  { verb, syscall, nth }: KillPoint,
  container: Netns,
): Promise<boolean> {
  const inject = `inject=${syscall}:signal=SIGKILL:when=${String(nth)}`
  const options = ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${syscall}`, '-e', inject]
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
