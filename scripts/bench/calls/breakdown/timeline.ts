// Where the wall-clock time of one call goes: its own process and every program that it starts, from a trace
// of strace(1). strace slows down what it traces, so these figures explain the table and never enter it.

/** One part of a call. Milliseconds count from the start of the call. */
export interface Part {
  readonly what: string
  readonly startMs: number
  readonly ms: number
  /** Milliseconds inside netlink calls: the kernel works on what this program asked for, or sleeps. */
  readonly kernelMs: number
  /** Milliseconds inside fsync(2). */
  readonly fsyncMs: number
}

/** strace's options before `-o FILE -- COMMAND`. */
export const STRACE = [
  '/usr/bin/strace',
  '-f',
  '-q',
  '--seccomp-bpf',
  '-ttt',
  '-T',
  '-s',
  '200',
  '-e',
  'signal=none',
  '-e',
  'trace=execve,exit_group,clone,clone3,vfork,fork,read,fsync,fdatasync,sendmsg,sendto,recvmsg,recvfrom',
] as const

interface Line {
  readonly pid: string
  readonly ms: number
  readonly call: string
  readonly rest: string
  /** How long the call took; 0 for one that does not return. */
  readonly tookMs: number
  /** Complete, or the second half of a call that others interrupted. */
  readonly returned: boolean
}

// "1234 1700000000.123456 execve("/usr/sbin/ip", ["ip", "-batch", "-"], 0x… /* 2 vars */) = 0 <0.000321>"
// "1234 1700000000.123456 <... clone resumed>, child_tidptr=0x…) = 1235 <0.000875>"
// "1234 1700000000.123456 +++ exited with 0 +++"
const LINE = /^(\d+)\s+(\d+\.\d+) (?:<\.\.\. (\w+) resumed>|(\w+)\(|(\+\+\+))(.*?)(?: <(\d+\.\d+)>)?$/

function linesOf(trace: string): readonly Line[] {
  return trace.split('\n').flatMap((text) => {
    const [, pid, seconds, resumed, begun, end, rest = '', took] = LINE.exec(text) ?? []
    const call = resumed ?? begun ?? end
    if (pid === undefined || call === undefined) return []
    const returned = !rest.endsWith('<unfinished ...>')
    return [{ pid, ms: Number(seconds) * 1000, call, rest, tookMs: Number(took ?? 0) * 1000, returned }]
  })
}

/**
 * Divides a call into its parts: the start until it reads its standard input, what follows, its exit, and for
 * each program its start (from fork to exec) and its run.
 * @param trace of strace with {@link STRACE}
 */
export function partsOf(trace: string): readonly Part[] {
  const lines = linesOf(trace)
  const [first] = lines
  if (first === undefined) return []
  const zero = first.ms
  const part = (what: string, startMs: number, endMs: number, own: readonly Line[]): Part => ({
    what,
    startMs: startMs - zero,
    ms: endMs - startMs,
    kernelMs: sum(own, (line) => NETLINK.has(line.call)),
    fsyncMs: sum(own, (line) => line.call === 'fsync' || line.call === 'fdatasync'),
  })
  const threads = threadsOf(lines, first.pid)
  const main = lines.filter(({ pid }) => threads.has(pid))
  const ends = Math.max(...main.map(({ ms }) => ms))
  const exits = main.find(({ call }) => call === 'exit_group')?.ms ?? ends
  const reads = main.find(({ call, rest }) => call === 'read' && /^0[,)]/.test(rest))?.ms ?? exits
  const parts = [
    part('start, until standard input is read', zero, reads, []),
    part('its work, with all programs', reads, exits, main),
    part('exit', exits, ends, []),
  ]
  const born = birthsOf(lines)
  for (const [pid, own] of Map.groupBy(lines, ({ pid }) => pid)) {
    // A search along PATH fails until it succeeds, and nsenter turns into the program it runs.
    const executed = own.filter(
      ({ call, rest, returned }) => call === 'execve' && returned && rest.endsWith(' = 0'),
    )
    const begin = own.find(({ call }) => call === 'execve')?.ms
    const last = own.findLast(({ call }) => call === 'execve')
    if (threads.has(pid) || begin === undefined || last === undefined || executed.length === 0) continue
    const name = commandOf(own)
    parts.push(part(`start of ${name}`, born.get(pid) ?? begin, begin, []))
    parts.push(part(name, begin, own.at(-1)?.ms ?? begin, own))
  }
  return parts.toSorted((one, other) => one.startMs - other.startMs)
}

const NETLINK = new Set(['sendmsg', 'sendto', 'recvmsg', 'recvfrom'])

function sum(lines: readonly Line[], isCounted: (line: Line) => boolean): number {
  return lines
    .filter((line) => line.returned && isCounted(line))
    .reduce((total, { tookMs }) => total + tookMs, 0)
}

// The threads of the call itself: clone3 and clone with CLONE_THREAD.
function threadsOf(lines: readonly Line[], first: string): ReadonlySet<string> {
  const threads = new Set([first])
  const flags = new Map<string, string>()
  for (const { pid, call, rest, returned } of lines) {
    if (call !== 'clone3' && call !== 'clone') continue
    if (rest.includes('flags=')) flags.set(pid, rest)
    const child = returned ? / = (\d+)$/.exec(rest)?.[1] : undefined
    if (child !== undefined && threads.has(pid) && flags.get(pid)?.includes('CLONE_THREAD') === true) {
      threads.add(child)
    }
  }
  return threads
}

// When each process was asked for, by the start of its parent's clone.
function birthsOf(lines: readonly Line[]): ReadonlyMap<string, number> {
  const asked = new Map<string, number>()
  const born = new Map<string, number>()
  for (const { pid, call, rest, ms, returned } of lines) {
    if (!/^(?:clone3?|v?fork)$/.test(call)) continue
    const begun = asked.get(pid) ?? ms
    if (!returned) {
      asked.set(pid, ms)
      continue
    }
    asked.delete(pid)
    const child = / = (\d+)$/.exec(rest)?.[1]
    if (child !== undefined) born.set(child, begun)
  }
  return born
}

function commandOf(own: readonly Line[]): string {
  const calls = own.filter(({ call, rest }) => call === 'execve' && rest.includes('['))
  const last = calls.findLast(({ rest }) => !rest.includes('= -1')) ?? calls.at(-1)
  const [, list = ''] = /\[(.*?)\]/.exec(last?.rest ?? '') ?? []
  const words = [...list.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = '']) => word)
  const text = words
    .map((word, index) => (index === 0 ? word.slice(word.lastIndexOf('/') + 1) : word))
    .join(' ')
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

/** Returns the medians of several traces of the same call, part by part, in the order of the first. */
export function medianParts(traces: readonly (readonly Part[])[]): readonly Part[] {
  const [first = []] = traces
  const nth = (parts: readonly Part[], { what }: Part, index: number): Part | undefined => {
    const before = first.slice(0, index).filter((part) => part.what === what).length
    return parts.filter((part) => part.what === what)[before]
  }
  return first.map((part, index) => {
    const same = traces.flatMap((parts) => nth(parts, part, index) ?? [])
    const median = (of: (part: Part) => number): number => {
      const sorted = same.map(of).toSorted((one, other) => one - other)
      return sorted[Math.floor(sorted.length / 2)] ?? 0
    }
    return {
      what: part.what,
      startMs: median(({ startMs }) => startMs),
      ms: median(({ ms }) => ms),
      kernelMs: median(({ kernelMs }) => kernelMs),
      fsyncMs: median(({ fsyncMs }) => fsyncMs),
    }
  })
}
