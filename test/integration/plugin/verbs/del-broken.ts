// DEL succeeds in every state of the container and touches only what belongs to it.
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { waitUntil } from '../../../../scripts/lab/run.ts'
import { type CallOptions, makeHost, type TestHost } from '../../../fixtures/host/host.ts'
import { addressOf, isRefused, isSilent, whyNoHost } from '../../../fixtures/host/cni.ts'
import { type Netns, pings, removeNetns, show } from '../../../fixtures/host/netns.ts'

const skip = whyNoHost()

interface State {
  readonly host: TestHost
  readonly container: Netns
  readonly near: string
}

const recordOf = ({ host, container }: State): string =>
  join(host.stateDir, 'attachments', 'flatnet', `${container.name}:eth0`)

// What has happened since ADD, and with which call DEL follows (CNI SPEC 1.1.0, section 2, DEL: best effort).
const broken: [string, (state: State) => Promise<unknown> | void, CallOptions?][] = [
  ['nothing', () => undefined],
  ['nothing, and CNI_NETNS is empty', () => undefined, { netns: '' }],
  ['nothing, and there is no prevResult', () => undefined, { conf: { prevResult: undefined } }],
  ['nothing, and prevResult is null', () => undefined, { conf: { prevResult: null } }],
  ['nothing, and prevResult is damaged', () => undefined, { conf: { prevResult: 'x' } }],
  ['nothing, and CNI_ARGS are malformed', () => undefined, { args: 'IP=1=2;=' }],
  ['nothing, and the configuration has a key that ADD refuses', () => undefined, { conf: { birdge: 'x' } }],
  ['nothing, and another IPAM plugin is named', () => undefined, { conf: { ipam: { type: 'host-local' } } }],
  ['nothing, and the configuration has an older version', () => undefined, { conf: { cniVersion: '0.1.0' } }],
  ['the namespace has ended', ({ container }) => removeNetns(container.name)],
  ['the namespace’s path is a plain file', () => undefined, { netns: '/etc/hostname' }],
  ['the namespace’s path is a folder', () => undefined, { netns: '/etc' }],
  ['the container’s end was deleted', ({ container }) => container.batch(['link delete eth0'])],
  ['the container’s end was renamed',
    ({ container }) => container.batch(['link set eth0 down', 'link set eth0 name lan0'])],
  ['the host’s end is off the bridge', ({ host, near }) => host.netns.batch([`link set ${near} nomaster`])],
  ['the bridge was deleted', ({ host }) => host.netns.batch(['link delete flatnet0'])],
  ['the rules were flushed', ({ host }) => host.netns.exec(['nft', 'flush ruleset'])],
  ['the routes were flushed', ({ host }) => host.netns.exec(['ip', 'route', 'flush', 'proto', '77'])],
  ['the certificate is missing', ({ host }) => rmSync(join(host.folder, 'host.crt'), { force: true })],
  ['the caches are missing', ({ host }) => rmSync(join(host.folder, 'run'), { recursive: true })],
  ['the record is empty', (state) => writeFileSync(recordOf(state), '')],
  ['the record is of another attachment',
    (state) => writeFileSync(recordOf(state), readFileSync(recordOf(state), 'utf8').replace('eth0', 'eth7'))],
  ['the lease is damaged', ({ host }) => writeFileSync(join(host.stateDir, 'leases', '10.87.1.10'), '{')],
  ['the lease is missing', ({ host }) => rmSync(join(host.stateDir, 'leases'), { recursive: true })],
  ['the state is missing', ({ host }) => rmSync(host.stateDir, { recursive: true })],
] // prettier-ignore

for (const [name, change, options] of broken) {
  t.test(`DEL leaves nothing when ${name}, and can be repeated`, { skip }, async (t) => {
    const host = await makeHost(t)
    const container = await host.container()
    const result = await host.add(container)
    await change({ host, container, near: result.interfaces[1]?.name ?? '' })
    const conf = { prevResult: result, ...options?.conf }
    isSilent(t, await host.del(container, { ...options, conf }), 'DEL')
    t.same(await host.remains(), [])
    isSilent(t, await host.del(container, { ...options, conf }), 'DEL again')
  })
}

t.test('DEL succeeds for an attachment that was never added', { skip }, async (t) => {
  const host = await makeHost(t)
  isSilent(t, await host.del(await host.container()), 'with a namespace')
  isSilent(t, await host.del(await host.container(), { netns: '/run/netns/none' }), 'without one')
  isSilent(t, await host.del(host.far, { netns: '/proc/self/ns/net' }), 'with the host’s own')
  t.same((await show(host.netns, ['link', 'show', 'dev', 'eth0'])).length, 1, 'its eth0 stays')
})

t.test('DEL succeeds after an ADD that was refused', { skip }, async (t) => {
  const host = await makeHost(t)
  const refused: [string, CallOptions][] = [
    ['an unknown key', { conf: { birdge: 'x' } }],
    ['an address of another subnet', { args: 'IP=192.0.2.5' }],
    ['malformed arguments', { args: 'IP' }],
    ['no certificate', { conf: { nebula: { cert: '/no/such' } } }],
    ['the IPAM type as a plugin', { conf: { type: 'flatnet-ipam' } }],
    ['a damaged prevResult', { conf: { prevResult: [] } }],
  ]
  for (const [name, options] of refused) {
    const container = await host.container()
    t.equal((await host.call('ADD', container, options)).exitCode, 1, `ADD with ${name}`)
    isSilent(t, await host.del(container, options), `DEL with ${name}`)
  }
  t.same(await host.remains(), [])
})

t.test('DEL with an undecodable configuration, a bad name or an unknown version fails', { skip },
  async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  await host.add(container)
  isRefused(t, await host.del(container, { stdin: '{' }), 6, /not valid JSON/)
  isRefused(t, await host.del(container, { conf: { name: '../x' } }), 7, /name: /)
  isRefused(t, await host.del(container, { conf: { cniVersion: '9.9.9' } }), 1, /9\.9\.9/)
  t.ok(await pings(container, '10.87.1.1'))
  isSilent(t, await host.del(container), 'DEL')
}) // prettier-ignore

t.test('DEL never touches another namespace that now has its path: process IDs are reused', { skip },
  async (t) => {
  const host = await makeHost(t)
  // Like /proc/<pid>/ns/net, the path leads to the container's namespace at ADD, and elsewhere at DEL.
  const folder = join(host.folder, 'proc')
  mkdirSync(folder)
  const path = join(folder, 'net')
  const [container, stranger] = [await host.container(), await host.container()]
  symlinkSync(container.path, path)
  await host.add(container, { netns: path })
  const theirs = await host.add(stranger)
  unlinkSync(path)
  symlinkSync(stranger.path, path)
  isSilent(t, await host.del(container, { netns: path }), 'DEL')
  t.same(await show(container, ['link', 'show', 'dev', 'eth0']), [], 'the container’s link is gone')
  t.ok(await pings(stranger, '10.87.1.1'), 'the other container’s eth0 is there')
  t.ok((await host.remains()).includes(addressOf(theirs)), 'its lease is there')

  unlinkSync(path)
  symlinkSync(host.netns.path, path)
  isSilent(t, await host.del(container, { netns: path }), 'DEL with the host’s own namespace')
  t.equal((await show(host.netns, ['link', 'show', 'dev', 'eth0'])).length, 1, 'its eth0 stays')
  await host.del(stranger)
  t.same(await host.remains(), [])
}) // prettier-ignore

// Hides `ip` behind a script for one call. In the script, `real` is the machine's own.
function withIp({ folder }: TestHost, script: string): CallOptions {
  const [real, stand] = [join(folder, 'real-ip'), join(folder, 'stand-in-ip')]
  writeFileSync(stand, `#!/bin/sh\nreal=${real}\n${script}\n`, { mode: 0o755 })
  return {
    mounts: [
      `: >${real}`,
      `mount --bind "$(readlink -f "$(command -v ip)")" ${real}`,
      `mount --bind ${stand} "$(readlink -f "$(command -v ip)")"`,
    ].join('\n'),
  }
}

t.test('DEL keeps the address while ip refuses to delete the link', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  await host.add(container)
  const before = await host.remains()
  const refusing = withIp(host, 'echo "RTNETLINK answers: Operation not permitted" >&2; exit 2')
  const outcome = await host.del(container, refusing)
  isRefused(t, outcome, 100, /ip link delete dev \w+: RTNETLINK answers: Operation not permitted \(exit 2\)/)
  t.same(await host.remains(), before, 'link, lease and record are there')
  isSilent(t, await host.del(container), 'DEL')
  t.same(await host.remains(), [])
})

t.test('DEL does not wait for an ip that has deleted the link', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  await host.add(container)
  const hold = join(host.folder, 'hold')
  const ended = join(host.folder, 'ended')
  writeFileSync(hold, '')
  const slow = withIp(host, `"$real" "$@"; while [ -e ${hold} ]; do sleep 0.05; done; : >${ended}`)
  isSilent(t, await host.del(container, slow), 'DEL')
  t.notOk(existsSync(ended), 'ip still runs')
  t.same(await host.remains(), [])
  rmSync(hold)
  await waitUntil('ip to end', 10_000, async () => existsSync(ended))
})

t.test('DEL works without a shell', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  await host.add(container)
  const mounts = `mount --bind /etc/hostname "$(readlink -f "$(command -v sh)")"`
  isSilent(t, await host.del(container, { mounts }), 'DEL')
  t.same(await host.remains(), [])
})
