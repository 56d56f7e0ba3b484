// Kills calls at a chosen system call. strace counts the calls of each name in every process and thread,
// and sends SIGKILL on entry to the Nth, which is then not executed. Killing at two neighbouring calls
// covers both sides of a step.

import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { EXECUTABLE, variables, type Verb } from '../../test/fixtures/host/cni.ts'
import type { TestHost } from '../../test/fixtures/host/host.ts'
import type { Netns } from '../../test/fixtures/host/netns.ts'
import { run } from '../lab/run.ts'

/** Where a call is killed: when one of its processes enters the `nth` system call of that name. */
export interface KillPoint {
  readonly verb: Verb
  readonly syscall: string
  readonly nth: number
}

/**
 * The system calls to choose from: 'effects' are what our process does to files, processes and pipes; 'all'
 * are all of its calls; 'children' are the netlink calls of `ip` and `nft`, after which our process
 * survives and must undo.
 */
export type Kind = 'effects' | 'all' | 'children'

const CALLS: Readonly<Record<Kind, string>> = {
  effects: '%file,%process,%network,write,ftruncate,fsync',
  all: 'all',
  children: 'sendmsg,recvmsg,bind',
}

// The wake-ups of Node's threads: they change nothing outside the process, and most calls are of this kind.
const WAKE_UP = /^write\(\d+, ("\*", 1|"\\1\\0\\0\\0\\0\\0\\0\\0", 8)\)/

/** Returns "ADD killed at rename 3". */
export function describePoint({ verb, syscall, nth }: KillPoint): string {
  return `${verb} killed at ${syscall} ${String(nth)}`
}

/** Makes a whole call and lists all its points in the order of their occurrence. */
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
  // The first child that gets that far is killed, so each count is one point, however many children there
  // are.
  return [...new Map(points.map((point) => [describePoint(point), point])).values()]
}

/** Returns that many of the points, evenly spread. */
export function spread(points: readonly KillPoint[], count: number): readonly KillPoint[] {
  const step = Math.max(points.length / count, 1)
  return points.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step))
}

/**
 * Makes a call that is killed; returns false if it succeeded anyway. Returns when its children have exited
 * too.
 */
export async function killAt(
  host: TestHost,
  { verb, syscall, nth }: KillPoint,
  container: Netns,
): Promise<boolean> {
  const inject = `inject=${syscall}:signal=SIGKILL:when=${String(nth)}`
  const options = ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${syscall}`, '-e', inject]
  const { exitCode } = await strace(host, verb, container, options)
  return exitCode !== 0
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
