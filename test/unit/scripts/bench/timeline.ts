// The bench's reader of strace output: which part of a call took how long.

import t from 'tap'
import { medianParts, partsOf } from '../../../../scripts/bench/calls/breakdown/timeline.ts'

// A call with one thread of its own that starts nsenter, which turns into ip.
const TRACE = `10 100.000000 execve("/x/flatnet-cni", ["/x/flatnet-cni"], 0x1 /* 7 vars */) = 0 <0.001000>
10 100.010000 clone3({flags=CLONE_THREAD, stack=0x7} => {parent_tid=[11]}, 88) = 11 <0.000100>
10 100.050000 read(0, "{\\"cniVersion\\":\\"1.0.0\\"}", 8192) = 25 <0.000010>
11 100.051000 fsync(5)                      = 0 <0.002000>
10 100.060000 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD <unfinished ...>
10 100.061000 <... clone resumed>, child_tidptr=0x7) = 12 <0.001000>
12 100.063000 execve("/sbin/nsenter", ["nsenter", "ip", "-batch", "-"], 0x2) = -1 ENOENT (No) <0.000050>
12 100.063100 execve("/usr/bin/nsenter", ["nsenter", "ip", "-batch", "-"], 0x2 <unfinished ...>
12 100.064000 <... execve resumed>)         = 0 <0.000900>
12 100.066000 execve("/usr/sbin/ip", ["ip", "-batch", "-"], 0x2) = 0 <0.000500>
12 100.070000 sendmsg(3, {msg_name={sa_family=AF_NETLINK}}, 0) = 148 <0.003000>
12 100.074000 recvmsg(3,  <unfinished ...>
12 100.075000 <... recvmsg resumed>{msg_name=0}, 0) = 36 <0.001000>
12 100.076000 exit_group(0)                 = ?
12 100.077000 +++ exited with 0 +++
10 100.080000 exit_group(0)                 = ?
11 100.081000 +++ exited with 0 +++
10 100.083000 +++ exited with 0 +++
`

t.test('a trace becomes parts', (t) => {
  const parts = partsOf(TRACE).map((part) => ({
    ...part,
    startMs: Math.round(part.startMs * 10) / 10,
    ms: Math.round(part.ms * 10) / 10,
    kernelMs: Math.round(part.kernelMs * 10) / 10,
  }))
  t.same(parts, [
    { what: 'start, until standard input is read', startMs: 0, ms: 50, kernelMs: 0, fsyncMs: 0 },
    { what: 'its work, with all programs', startMs: 50, ms: 30, kernelMs: 0, fsyncMs: 2 },
    { what: 'start of ip -batch -', startMs: 60, ms: 3, kernelMs: 0, fsyncMs: 0 },
    { what: 'ip -batch -', startMs: 63, ms: 14, kernelMs: 4, fsyncMs: 0 },
    { what: 'exit', startMs: 80, ms: 3, kernelMs: 0, fsyncMs: 0 },
  ])
  t.same(partsOf(''), [], 'an empty trace has none')
  t.end()
})

t.test('several traces give medians, part by part', (t) => {
  const part = (what: string, ms: number) => ({ what, startMs: 0, ms, kernelMs: 0, fsyncMs: 0 })
  const traces = [
    [part('nft', 1), part('nft', 30)],
    [part('nft', 2), part('nft', 10)],
    [part('nft', 3), part('nft', 20)],
  ]
  t.same(
    medianParts(traces).map(({ ms }) => ms),
    [2, 20],
    'the second program of one name is not mixed with the first',
  )
  t.same(medianParts([]), [])
  t.end()
})
