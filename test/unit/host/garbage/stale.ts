import { spawn } from 'node:child_process'
import t from 'tap'
import { makeStaleTest } from '../../../../src/host/garbage/stale.ts'
import type { AttachmentRecord } from '../../../../src/net/attachment.ts'
import { prefix } from '../../../fixtures/addresses.ts'
import { processStartTime, sinceBootMs, startedAtMs, thisProcess } from '../../../../src/kernel/presence.ts'
import { GONE, ownNetns, requestFor } from '../../../fixtures/state/attachments.ts'

// Seconds after boot, from which ages are counted; the time of day differs in each case.
const ADDED_S = 5000
const UP: AttachmentRecord = {
  ...requestFor('c1').makeRecord([prefix('10.87.1.10/24')], { ports: [], standby: [] }),
  phase: 'up',
  owner: { pid: 4_194_304, startTime: String(ADDED_S * 100) },
}
const EMPTY = { path: '/run/netns/none', device: '4', inode: '1' }
const KILLED = { pid: 1, startTime: '0' }
const later = (seconds: number) => ({ nowMs: (ADDED_S + seconds) * 1000 })
const ENDED = { starter: KILLED, containerID: 'no-process-names-me' }
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString()

// what the record says, how many seconds after ADD it is judged, and why it is stale
const verdicts: [string, Partial<AttachmentRecord>, number, RegExp | undefined][] = [
  ['a process is in its namespace', {}, 1_000_000, undefined],
  ['no process is in its namespace, and it is a minute old', { netns: EMPTY }, 60,
    /^no process is in its namespace \/run\/netns\/none/],
  ['no process is in its namespace, and it is younger', { netns: EMPTY }, 59, undefined],
  ['no process is in its namespace, it is younger, and the clock was set forward by a day',
    { netns: EMPTY, since: daysAgo(1) }, 59, undefined],
  ['no process is in its namespace, it is a minute old, and the clock was set back by a day',
    { netns: EMPTY, since: daysAgo(-1) }, 60, /^no process/],
  ['it is being added', { phase: 'adding', hostLink: GONE, netns: EMPTY, owner: thisProcess() }, 1_000_000,
    undefined],
  ['its link is missing', { hostLink: GONE }, 0, /^its link veth-no-such is gone$/],
  ['it is from another boot', { bootId: 'another' }, 0, /^it is from before this boot$/],
  ['its ADD was killed before its link was made', { phase: 'adding', hostLink: GONE, owner: KILLED }, 0,
    /link .* is gone/],
  ['another plugin made its links, and its namespace is missing', { hostLink: '', netns: EMPTY }, 0,
    /^its namespace \/run\/netns\/none is gone$/],
  ['another plugin made its links, and its ADD was killed', { hostLink: '', phase: 'adding', owner: KILLED },
    0, /^its ADD was killed$/],
  ['no process is in its namespace, and what started it has ended', { ...ENDED, netns: EMPTY }, 0,
    /^what started it has ended, and no process is in its namespace \/run\/netns\/none$/],
  ['no process is in its namespace, and what starts it runs',
    { ...ENDED, netns: EMPTY, starter: thisProcess() }, 0, undefined],
  ['a process is in its namespace, and what started it has ended', ENDED, 0, undefined],
] // prettier-ignore
for (const [name, change, seconds, why] of verdicts) {
  t.test(`an attachment is ${why === undefined ? 'kept' : 'stale'}: ${name}`, async (t) => {
    const told = makeStaleTest(later(seconds))({ ...UP, ...change })
    if (why === undefined) t.equal(told, undefined)
    else t.match(told, why)
  })
}

t.test('a process in another namespace does not keep it', async (t) => {
  const other = spawn('sleep', ['60'], { stdio: 'ignore' })
  t.teardown(() => other.kill('SIGKILL'))
  t.ok(makeStaleTest(later(100))({ ...UP, netns: { ...ownNetns(), inode: '1' } }))
})

t.test('an empty namespace proves nothing to the agent, which has no list from a runtime', async (t) => {
  const empty = { ...UP, netns: { ...ownNetns(), inode: '1' } }
  t.equal(makeStaleTest({ ...later(100_000), onlyProven: true })(empty), undefined)
  t.match(
    makeStaleTest({ ...later(0), onlyProven: true })({ ...empty, ...ENDED }),
    /^what started it has ended/,
    'but for one that nothing will come into',
  )
  const about = spawn('sh', ['-c', 'sleep 60', 'conmon', 'abc-def-123'], { stdio: 'ignore' })
  t.teardown(() => about.kill('SIGKILL'))
  t.equal(
    makeStaleTest({ ...later(0), onlyProven: true })({ ...empty, ...ENDED, containerID: 'abc-def-123' }),
    undefined,
    'or for one that conmon is about to start',
  )
  t.match(
    makeStaleTest({ ...later(100), onlyProven: true })({ ...UP, bootId: 'another' }),
    'it is from before this boot',
  )
})

t.test('ages are counted from the boot, on the clock that dates processes', async (t) => {
  const own = startedAtMs(thisProcess())
  const other = spawn('sleep', ['60'], { stdio: 'ignore' })
  t.teardown(() => other.kill('SIGKILL'))
  const started = startedAtMs({ pid: other.pid ?? 0, startTime: processStartTime(other.pid ?? 0) ?? '' })
  t.ok(started >= own, `${String(own)}, then ${String(started)}`)
  t.ok(Math.abs(sinceBootMs() - started) < 60_000, 'now')
  const young = {
    ...UP,
    netns: EMPTY,
    owner: { pid: 4_194_304, startTime: String(started / 10) },
    since: daysAgo(1),
  }
  t.equal(makeStaleTest()(young), undefined, 'an ADD just made is not a day old')
})
