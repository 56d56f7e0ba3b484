// What containers of podman 5 go through: ends and restarts, many together, ports in all forms, networks that
// come and go.

import t, { type Test } from 'tap'
import type { ContainersView } from '../../../../src/views/containers.ts'
import { IMAGE } from '../../../../scripts/lab/host/podman.ts'
import { PODMAN5_SUITES, whyNoPodman5 } from '../../../../scripts/lab/podman5/packages.ts'
import { waitUntil } from '../../../../scripts/lab/run.ts'
import { EXECUTABLE, whyNoHost } from '../../../fixtures/host/cni.ts'
import { curl, networkOf, sleeping, startWeb } from '../../../fixtures/runtimes/podman5/containers.ts'
import { makePodman5, type Podman5 } from '../../../fixtures/runtimes/podman5/host.ts'

const CREATE = ['network', 'create', '-d', 'flatnet-cni']
const ON = ['--network', 'flatnet']
const LAN = 'http://192.168.77.10'

for (const suite of PODMAN5_SUITES) {
  t.test(`podman of Debian ${suite}`, { skip: whyNoHost() || whyNoPodman5(suite) }, async (t) => {
    const podman5 = await makePodman5(t, suite, { binds: [[EXECUTABLE, '/flatnet-cni.new']] })
    for (const name of ['flatnet', 'flatnet2']) await podman5.podman([...CREATE, name])
    await t.test('it ends and is restarted', (t) => restarts(t, podman5))
    if (suite === 'trixie') {
      await t.test('ports in all forms', (t) => publishes(t, podman5))
      await t.test('a second network comes and goes', (t) => changesNetworks(t, podman5))
      await t.test('twenty at once, and a new executable', (t) => startsTwenty(t, podman5))
    }
    await t.test('prune and system reset', (t) => isReset(t, podman5))
  })
}

async function restarts(t: Test, podman5: Podman5): Promise<void> {
  const { host, exec, podman } = podman5
  await sleeping(podman5, 'web', [...ON, '--restart=always'])
  const { IPAddress: address } = await networkOf(podman5, 'web')
  const processOf = async (): Promise<string> =>
    (await podman(['inspect', 'web', '--format', '{{.State.Pid}}'])).stdout
  const before = await processOf()
  await exec(['kill', '-9', before])
  await waitUntil('conmon has restarted it', 60_000, async () => !['0', before].includes(await processOf()))
  t.equal((await networkOf(podman5, 'web')).IPAddress, address, '--restart=always')
  await podman(['kill', 'web'])
  await podman(['wait', '--condition', 'exited,running', 'web'])
  await podman(['start', 'web'])
  t.equal((await networkOf(podman5, 'web')).IPAddress, address, 'kill and start')
  await podman(['exec', 'web', 'ping', '-c', '1', '-W', '20', '10.87.2.10'])
  await podman(['rename', 'web', 'shop'])
  await podman(['restart', '-t', '0', 'shop'])
  t.equal((await networkOf(podman5, 'shop')).IPAddress, address, 'rename and restart')
  t.match((await host.cli(['ps'])).stdout, /shop/, 'ps has the new name')
  await podman(['rm', '-f', '-t', '0', 'shop'])
  t.same(await host.remains(), [])
}

async function publishes(t: Test, podman5: Podman5): Promise<void> {
  const { host, podman } = podman5
  const forms = ['53:53/udp', '7000:7000/sctp', '3000-3999:3000-3999', '127.0.0.1:8090-8091:80-81', '82']
  const server =
    'echo hello >/www/index.html; httpd -p 3500 -h /www; httpd -p 82 -h /www; exec httpd -f -p 80 -h /www'
  const ports = forms.flatMap((form) => ['-p', form])
  // Both networks get every port; the first that asks publishes.
  const both = [...ON, '--network', 'flatnet2']
  await podman(['run', '-d', '--name', 'web', ...both, ...ports, IMAGE, 'sh', '-c', server])
  const random = /:(\d+)$/.exec(
    (await podman(['port', 'web', '82/tcp'])).stdout.split('\n').at(-1) ?? '',
  )?.[1]
  t.equal(await curl(host.outside, `${LAN}:3500/`), 'hello', 'one of a thousand')
  t.equal(await curl(host.outside, `${LAN}:${String(random)}/`), 'hello', 'a random one')
  t.equal(await curl(host.netns, 'http://127.0.0.1:8090/'), 'hello', "the host's loopback")
  const view = JSON.parse((await host.cli(['ps', '--json'])).stdout) as ContainersView
  const shown = JSON.stringify(view)
  for (const protocol of ['udp', 'sctp'])
    t.match(shown, new RegExp(`"${protocol}"`), `${protocol} is recorded`)
  for (const network of ['flatnet', 'flatnet2']) {
    await podman(['network', 'disconnect', network, 'web'])
    await podman(['network', 'connect', network, 'web'])
    t.equal(await curl(host.outside, `${LAN}:3500/`), 'hello', `${network} has come and gone`)
  }
  await podman(['rm', '-f', '-t', '0', 'web'])
  t.same(await host.remains(), [])
  t.equal(await curl(host.outside, `${LAN}:3500/`), '', 'closed')
}

async function changesNetworks(t: Test, podman5: Podman5): Promise<void> {
  const { host, podman } = podman5
  await startWeb(podman5, 'web', ON)
  const { IPAddress: first } = await networkOf(podman5, 'web')
  const connect = ['network', 'connect', '--ip', '10.87.1.99', '--alias', 'zz', 'flatnet2', 'web']
  for (const time of ['once', 'twice']) {
    await podman(connect)
    t.equal((await networkOf(podman5, 'web', 'flatnet2')).IPAddress, '10.87.1.99', time)
    t.match((await host.cli(['ps', '--json'])).stdout, /"zz"/, 'its alias is recorded')
    await podman(['exec', 'web', 'ping', '-c', '1', '-W', '20', '10.87.2.10'])
    await podman(['network', 'disconnect', 'flatnet2', 'web'])
  }
  await podman(['network', 'disconnect', 'flatnet', 'web'])
  t.same(await host.remains(), [], 'without its last network')
  await podman(['network', 'connect', 'flatnet', 'web'])
  t.equal((await networkOf(podman5, 'web')).IPAddress, first, 'and back with its address')
  await podman(['rm', '-f', '-t', '0', 'web'])
  t.same(await host.remains(), [])
}

async function startsTwenty(t: Test, podman5: Podman5): Promise<void> {
  const { host, exec, podman } = podman5
  // From a mount to a file that can be replaced.
  await exec([
    'sh',
    '-ec',
    'umount /opt/cni/bin/flatnet-cni; rm /opt/cni/bin/flatnet-cni; ' +
      'cp /flatnet-cni.new /opt/cni/bin/flatnet-cni',
  ])
  const names = Array.from({ length: 20 }, (_, index) => `many${String(index)}`)
  const replace =
    'for n in 1 2 3; do cp /flatnet-cni.new /opt/cni/bin/.new; ' +
    'mv /opt/cni/bin/.new /opt/cni/bin/flatnet-cni; done'
  const [addresses] = await Promise.all([
    Promise.all(
      names.map(async (name) => {
        await sleeping(podman5, name, ON)
        return (await networkOf(podman5, name)).IPAddress
      }),
    ),
    exec(['sh', '-ec', replace]),
  ])
  t.equal(new Set(addresses).size, 20, addresses.join(' '))
  await podman(['exec', 'many19', 'ping', '-c', '1', '-W', '20', '10.87.2.10'])
  await podman(['rm', '-f', '-t', '0', ...names])
  t.same(await host.remains(), [])
}

async function isReset(t: Test, podman5: Podman5): Promise<void> {
  const { host, podman } = podman5
  await sleeping(podman5, 'web', ON)
  await podman(['network', 'prune', '-f'])
  t.match((await podman(['network', 'ls', '-q'])).stdout, /^flatnet$/m, 'prune leaves what is in use')
  t.notMatch((await podman(['network', 'ls', '-q'])).stdout, /^flatnet2$/m)
  await podman(['exec', 'web', 'ping', '-c', '1', '-W', '20', '10.87.2.10'])
  await podman(['system', 'reset', '-f'])
  t.same(await host.remains(), [], 'system reset tears its containers down first')
  t.equal((await podman(['network', 'ls', '-q'])).stdout, 'podman')
}
