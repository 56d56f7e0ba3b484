// Breaks down the time of one ADD and one DEL: which processes they start, when, and for how long. strace
// slows down what it traces, so these figures are for information and never enter the table.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { callOf } from './process/chain.ts'
import type { Host } from './host/host.ts'
import { deleteNamespaces, makeContainers } from './host/links.ts'
import { ourNetwork } from './host/networks.ts'
import { attachmentsOf } from './process/pairs.ts'
import type { Bench } from './row.ts'
import { withHosts } from './scenarios/with-hosts.ts'
import type { Attachment } from './process/task.ts'

/** One process: its command, and the milliseconds from the start of the call to its start and end. */
interface Step {
  readonly command: string
  readonly startMs: number
  readonly endMs: number
}

/** The processes that one call started; the first step is the call itself. */
export interface Breakdown {
  readonly verb: 'ADD' | 'DEL'
  readonly steps: readonly Step[]
}

const STRACE = '/usr/bin/strace'

/** Returns one ADD and one DEL, neither of them the host's first; empty without strace. */
export async function breakDown(bench: Bench): Promise<readonly Breakdown[]> {
  if (!existsSync(STRACE)) return []
  return withHosts(bench, ['trace-us', 'trace-none'], async (us) => {
    const [first, second] = attachmentsOf({ host: us, network: ourNetwork(bench, us) }, 2)
    if (first === undefined || second === undefined) return []
    const names = [first.containerID, second.containerID]
    makeContainers(names)
    try {
      await us.add(first)
      return [await trace(us, second, 'ADD'), await trace(us, second, 'DEL')]
    } finally {
      deleteNamespaces(names)
    }
  })
}

async function trace(host: Host, attachment: Attachment, verb: 'ADD' | 'DEL'): Promise<Breakdown> {
  const [plugin] = attachment.network.plugins
  if (plugin === undefined) throw new TypeError('a network without plugins')
  const { argv, env, input } = callOf(attachment, plugin, verb, undefined)
  const file = join(host.folder, `${verb}.strace`)
  const options = ['-f', '-qq', '--seccomp-bpf', '-ttt', '-s', '200', '-o', file]
  const filter = ['-e', 'trace=execve,exit_group', '-e', 'signal=none']
  await host.program([STRACE, ...options, ...filter, '--', ...argv], env, input)
  return { verb, steps: stepsOf(readFileSync(file, 'utf8')) }
}

// "1234 1700000000.123456 execve("/usr/sbin/ip", ["ip", "-batch", "-"], 0x… /* 2 vars */) = 0"
const LINE = /^(\d+)\s+(\d+\.\d+) (execve|exit_group)\((.*)$/

function stepsOf(text: string): Step[] {
  const lines = text.split('\n').flatMap((line) => {
    const [, pid, seconds, call, rest = ''] = LINE.exec(line) ?? []
    return pid === undefined ? [] : [{ pid, ms: Number(seconds) * 1000, call, rest }]
  })
  const zero = lines[0]?.ms ?? 0
  const ends = new Map(lines.filter(({ call }) => call === 'exit_group').map(({ pid, ms }) => [pid, ms]))
  // A search along PATH fails until it succeeds, and nsenter turns into the program it runs: the last
  // command counts.
  const commands = new Map<string, { command: string; ms: number }>()
  for (const { pid, ms, call, rest } of lines) {
    if (call !== 'execve' || !rest.endsWith('= 0')) continue
    commands.set(pid, { command: commandOf(rest), ms: commands.get(pid)?.ms ?? ms })
  }
  return [...commands].map(([pid, { command, ms }]) => ({
    command,
    startMs: ms - zero,
    endMs: (ends.get(pid) ?? ms) - zero,
  }))
}

function commandOf(rest: string): string {
  const [, list = ''] = /\[(.*?)\]/.exec(rest) ?? []
  const words = [...list.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = '']) => word)
  return words.map((word, index) => (index === 0 ? word.slice(word.lastIndexOf('/') + 1) : word)).join(' ')
}
