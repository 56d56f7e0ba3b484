import { spawn } from 'node:child_process'
import t from 'tap'
import { makeStaleTest } from '../../../src/host/stale.ts'
import type { AttachmentRecord } from '../../../src/net/attachment.ts'
import { prefix } from '../../fixtures/addresses.ts'
import { GONE, ownNetns, requestFor } from '../../fixtures/attachments.ts'

const SINCE = '2026-01-01T00:00:00.000Z'
const UP: AttachmentRecord = {
  ...requestFor('c1').makeRecord([prefix('10.87.1.10/24')], []),
  phase: 'up',
  since: SINCE,
}
const EMPTY = { path: '/run/netns/none', device: '4', inode: '1' }
const KILLED = { pid: 1, startTime: '0' }
const later = (seconds: number) => new Date(Date.parse(SINCE) + seconds * 1000)

// what the record says, how many seconds after ADD it is looked at, and why it is stale
const verdicts: [string, Partial<AttachmentRecord>, number, RegExp | undefined][] = [
  ['a process is in its namespace', {}, 1_000_000, undefined],
  ['nobody is in its namespace, and it is a minute old', { netns: EMPTY }, 60, /^no process is in its namespace \/run\/netns\/none/],
  ['nobody is in its namespace, and it is younger', { netns: EMPTY }, 59, undefined],
  ['nobody is in its namespace, and the clock was set back', { netns: EMPTY }, -3600, undefined],
  ['it is being added', { phase: 'adding', hostLink: GONE, netns: EMPTY }, 1_000_000, undefined],
  ['its link is gone', { hostLink: GONE }, 0, /^its link veth-no-such is gone$/],
  ['it is from another boot', { bootId: 'another' }, 0, /^it is from before this boot$/],
  ['its ADD was killed before its link was made', { phase: 'adding', hostLink: GONE, owner: KILLED }, 0, /link .* is gone/],
  ['another plugin made its links, and its namespace is gone', { hostLink: '', netns: EMPTY }, 0, /^its namespace \/run\/netns\/none is gone$/],
  ['another plugin made its links, and its ADD was killed', { hostLink: '', phase: 'adding', owner: KILLED }, 0, /^its ADD was killed$/],
] // prettier-ignore
for (const [name, change, seconds, why] of verdicts) {
  t.test(`an attachment is ${why === undefined ? 'kept' : 'stale'}: ${name}`, async (t) => {
    const told = makeStaleTest(later(seconds))({ ...UP, ...change })
    if (why === undefined) t.equal(told, undefined)
    else t.match(told, why)
  })
}

t.test('a process that is not of this namespace does not keep it', async (t) => {
  const other = spawn('sleep', ['60'], { stdio: 'ignore' })
  t.teardown(() => other.kill('SIGKILL'))
  t.ok(makeStaleTest(later(100))({ ...UP, netns: { ...ownNetns(), inode: '1' } }))
})

t.test(
  'an empty namespace proves nothing to the agent, which nobody tells what a runtime wants',
  async (t) => {
    const empty = { ...UP, netns: { ...ownNetns(), inode: '1' } }
    t.equal(makeStaleTest(later(100_000), true)(empty), undefined)
    t.match(makeStaleTest(later(100), true)({ ...UP, bootId: 'another' }), 'it is from before this boot')
  },
)
