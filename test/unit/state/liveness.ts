import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { CniCode } from '../../../src/cni/error.ts'
import { livenessOf } from '../../../src/state/liveness.ts'
import {
  bootId,
  isFromEarlierBoot,
  isSameNetns,
  linkExists,
  netnsIdentity,
  processStartTime,
  thisProcess,
} from '../../../src/kernel/presence.ts'
import type { AttachmentRecord } from '../../../src/net/attachment.ts'
import { prefix } from '../../fixtures/addresses.ts'
import { GONE, ownNetns, requestFor } from '../../fixtures/state/attachments.ts'

const skip = process.getuid?.() === 0 ? false : 'network namespaces need root'

t.test('a boot has an ID', async (t) => {
  t.match(bootId(), /^[0-9a-f]{8}-[0-9a-f-]{27}$/)
  t.equal(bootId(), bootId())
})

t.test(
  'a process is identified by its start time, even if its name looks like the next fields',
  async (t) => {
    t.match(processStartTime(process.pid), /^\d+$/)
    t.same(thisProcess(), { pid: process.pid, startTime: processStartTime(process.pid) })
    const dir = t.testdir()
    symlinkSync('/bin/sleep', join(dir, 'x) R 1 (y'))
    const child = spawn(join(dir, 'x) R 1 (y'), ['60'])
    t.teardown(() => child.kill('SIGKILL'))
    await once(child, 'spawn')
    const [own, other] = [process.pid, child.pid ?? 0].map((pid) => Number(processStartTime(pid)))
    t.ok(other !== undefined && own !== undefined && other >= own, `${String(own)} then ${String(other)}`)
  },
)

t.test('a dead process has no start time, reaped or not', async (t) => {
  const zombie = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  t.teardown(() => zombie.kill('SIGKILL'))
  const [line] = (await once(zombie.stdout, 'data')) as [Buffer]
  const pid = Number(line.toString())
  while (processStartTime(pid) !== undefined) await new Promise((resolve) => setImmediate(resolve))
  t.pass('a zombie has ended')
  t.equal(processStartTime(2 ** 22 + 1), undefined)
})

t.test('a namespace is identified by what is behind its path', async (t) => {
  const own = ownNetns()
  t.match(own, { path: '/proc/self/ns/net', device: /^\d+$/, inode: /^\d+$/ })
  const other = netnsIdentity(`/proc/${String(process.pid)}/ns/net`)
  t.ok(other && isSameNetns(own, other))
  t.equal(netnsIdentity('/run/netns/no-such-one'), undefined)
  t.equal(netnsIdentity(`/proc/${String(2 ** 22 + 1)}/ns/net`), undefined)
  const dir = t.testdir({ file: '' })
  t.equal(netnsIdentity(join(dir, 'file/net')), undefined)
  const refusal = { code: CniCode.InvalidNetns, details: /exists, but is not a namespace file/ }
  t.throws(() => netnsIdentity(join(dir, 'file')), refusal)
  t.throws(() => netnsIdentity(dir), refusal)
  const uts = {
    code: CniCode.InvalidNetns,
    details: /^\/proc\/self\/ns\/uts is a namespace of kind "uts"; .*"net"/,
  }
  t.throws(() => netnsIdentity('/proc/self/ns/uts'), uts)
})

t.test("a link is looked up in the caller's namespace, however that was entered", { skip }, async (t) => {
  const name = `fnt-${String(process.pid)}`
  const run = (command: string, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
    t.equal(status, 0, stderr)
    return stdout.trim()
  }
  run('ip', 'netns', 'add', name)
  t.teardown(() => spawnSync('ip', ['netns', 'delete', name]))
  run('ip', '-n', name, 'link', 'add', 'fnt-here', 'type', 'veth', 'peer', 'name', 'fnt-peer')
  const source = `import { linkExists } from ${JSON.stringify(
    new URL('../../../src/kernel/presence.ts', import.meta.url).href,
  )}
    console.log(linkExists('fnt-here'))`
  const look = [process.execPath, '--input-type=module', '-e', source]
  t.equal(linkExists('fnt-here'), false)
  t.equal(linkExists('lo'), true)
  t.equal(run('nsenter', `--net=/run/netns/${name}`, ...look), 'true')
  t.equal(run('ip', 'netns', 'exec', name, ...look), 'true')
  t.equal(run('unshare', '--net', ...look), 'false')
})

const up = {
  ...requestFor('c1').makeRecord([prefix('10.87.1.10/24')], { ports: [], standby: [] }),
  phase: 'up' as const,
}
const KILLED = { pid: 1, startTime: '0' }
const ELSEWHERE = { path: '/run/netns/no-such-one', device: '4', inode: '1' }

// the record, and the liveness that follows
const cases: [string, Partial<AttachmentRecord>, string][] = [
  ['up, its link is there', {}, 'alive'],
  ['up, its link is missing', { hostLink: GONE }, 'dead'],
  ['up, from another boot', { bootId: 'an-earlier-one' }, 'dead'],
  ['being added by this process', { phase: 'adding', hostLink: GONE }, 'adding'],
  ['being added before a reboot', { phase: 'adding', bootId: 'an-earlier-one' }, 'dead'],
  ['its ADD was killed before the link', { phase: 'adding', hostLink: GONE, owner: KILLED }, 'dead'],
  ['its ADD was killed after the link', { phase: 'adding', owner: KILLED }, 'alive'],
  ['without a link of ours, its namespace is there', { hostLink: '' }, 'alive'],
  ['without a link of ours, its namespace is missing', { hostLink: '', netns: ELSEWHERE }, 'dead'],
  ['without a link of ours, its path is missing but a process is in it',
    { hostLink: '', netns: { ...ownNetns(), path: '/gone' } }, 'alive'],
  ['without a link of ours, its path is another’s',
    { hostLink: '', netns: { ...ELSEWHERE, path: '/proc/self/ns/net' } }, 'dead'],
  ['without a link of ours, its path is a plain file',
    { hostLink: '', netns: { ...ELSEWHERE, path: '/etc/passwd' } }, 'dead'],
  ['without a link of ours, its ADD was killed', { hostLink: '', phase: 'adding', owner: KILLED }, 'dead'],
] // prettier-ignore
for (const [name, changes, liveness] of cases) {
  t.test(`an attachment is ${liveness}: ${name}`, async (t) => {
    t.equal(livenessOf({ ...up, ...changes }), liveness)
  })
}

t.test("a file of an earlier boot is recognised; in doubt it counts as this boot's", async (t) => {
  const dir = t.testdir({ file: '' })
  t.equal(isFromEarlierBoot(join(dir, 'file')), false)
  t.equal(isFromEarlierBoot(join(dir, 'none')), false)
})
