// What goes wrong with podman 5, and how it goes on: nothing stays of a failed setup, and a container comes
// back with its address as soon as the cause is removed.

import { renameSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { IMAGE } from '../../../../scripts/lab/host/podman.ts'
import { whyNoPodman5 } from '../../../../scripts/lab/podman5/packages.ts'
import { whyNoHost } from '../../../fixtures/host/cni.ts'
import {
  curl,
  isRefused,
  networkOf,
  sleeping,
  startWeb,
} from '../../../fixtures/runtimes/podman5/containers.ts'
import { makePodman5, type Podman5 } from '../../../fixtures/runtimes/podman5/host.ts'

const skip = whyNoHost() || whyNoPodman5('trixie')
const CREATE = ['network', 'create', '-d', 'flatnet-cni']
const LAN = 'http://192.168.77.10'

t.test('podman 5 in trouble', { skip }, async (t) => {
  const podman5 = await makePodman5(t, 'trixie')
  await t.test('no certificate', (t) => lacksCertificate(t, podman5))
  await podman5.podman([...CREATE, 'flatnet'])
  await t.test('a setup that fails', (t) => failsAtEachStep(t, podman5))
  await t.test('a firewall driver that cannot start', (t) => lacksFirewall(t, podman5))
  await t.test('the second of two networks refuses', (t) => refusesSecond(t, podman5))
  await t.test('a teardown that fails', (t) => failsToTearDown(t, podman5))
  await t.test('a namespace that is gone', (t) => losesNamespace(t, podman5))
  await t.test('Ctrl-C', (t) => isInterrupted(t, podman5))
})

async function lacksCertificate(t: Test, podman5: Podman5): Promise<void> {
  const { host, podman, tries } = podman5
  const file = join(host.folder, 'host.crt')
  renameSync(file, `${file}.away`)
  const early = await podman([...CREATE, 'early'])
  t.match(early.stderr, /^flatnet-cni: containers can start once .*host\.crt[^\n]*$/, 'one line')
  isRefused(
    t,
    await tries([...CREATE, '--subnet', '10.87.1.0/24', 'other']),
    125,
    /host certificate.*host\.crt/,
  )
  isRefused(
    t,
    await tries(['run', '--name', 'one', '--network', 'early', IMAGE, 'sleep', '100000']),
    126,
    /host\.crt/,
  )
  renameSync(`${file}.away`, file)
  await podman(['start', 'one'])
  t.match(await networkOf(podman5, 'one', 'early'), { IPAddress: '10.87.1.10' })
  await podman(['network', 'rm', '-f', '-t', '0', 'early'])
  t.same(await host.remains(), [])
}

// busybox's mount does not do both in one call.
const readOnly = (folder: string): string =>
  `mount -o bind ${folder} ${folder}; mount -o remount,bind,ro ${folder}`

/** What takes one thing away from setup, gives it back, and what podman says meanwhile. */
type Obstacle = readonly [name: string, take: string, give: string, says: RegExp]

async function failsAtEachStep(t: Test, podman5: Podman5): Promise<void> {
  const { host, exec, podman, tries } = podman5
  const state = host.stateDir
  await sleeping(podman5, 'first', ['--network', 'flatnet'])
  const before = await host.remains()
  const away = (path: string): readonly [string, string] => [
    `mv ${path} ${path}.away`,
    `mv ${path}.away ${path}`,
  ]
  const obstacles: readonly Obstacle[] = [
    ['the store cannot be written', readOnly(state), `umount ${state}`, /Read-only|EROFS|read-only/],
    ['no ip', ...away('/usr/bin/ip'), /"ip" is missing|program missing: "ip".*iproute2/],
    ['no nft', ...away('/usr/sbin/nft'), /program missing: "nft".*nftables/],
  ]
  for (const [name, take, give, says] of obstacles) {
    await exec(['sh', '-ec', take])
    const failed = await tries([
      'run',
      '-d',
      '--name',
      'web',
      '--network',
      'flatnet',
      IMAGE,
      'sleep',
      '100000',
    ])
    await exec(['sh', '-ec', give])
    isRefused(t, failed, 126, says)
    t.same(await host.remains(), before, `${name}: nothing stays`)
    t.equal((await podman(['inspect', 'web', '--format', '{{.State.Status}}'])).stdout, 'created')
    await podman(['start', 'web'])
    await podman(['exec', 'web', 'ping', '-c', '1', '-W', '20', '10.87.2.10'])
    await podman(['rm', '-f', '-t', '0', 'web'])
  }
  await host.netns.batch(['link add taken0 type veth peer name taken1'])
  await podman([...CREATE, '--interface-name', 'taken0', 'taken'])
  const onTaken = await tries(['run', '--rm', '--network', 'taken', IMAGE, 'id'])
  isRefused(t, onTaken, 126, /taken0 .*(bridge|veth)/)
  await host.netns.batch(['link delete taken0'])
  await podman(['network', 'rm', 'taken'])
  await podman([...CREATE, '--subnet', '10.87.1.0/24', '--ip-range', '10.87.1.20-10.87.1.21', 'small'])
  for (const name of ['one', 'two']) await sleeping(podman5, name, ['--network', 'small'])
  const third = await tries(['run', '--rm', '--network', 'small', IMAGE, 'id'])
  isRefused(t, third, 126, /range exhausted/)
  await podman(['network', 'rm', '-f', '-t', '0', 'small'])
  // podman itself holds published ports, but those of SCTP.
  const sctp = ['-p', '7000:7000/sctp', '--network', 'flatnet']
  await sleeping(podman5, 'one', sctp)
  isRefused(t, await tries(['run', '--rm', ...sctp, IMAGE, 'id']), 126, /port is taken: sctp 7000/)
  await podman(['rm', '-f', '-t', '0', 'one'])
  t.same(await host.remains(), before)
  await podman(['rm', '-f', '-t', '0', 'first'])
}

async function lacksFirewall(t: Test, { exec, tries }: Podman5): Promise<void> {
  const drop = '/etc/containers/containers.conf.d/firewall.conf'
  const check = async (): Promise<string> => {
    const argv = ['/opt/cni/bin/flatnet-cni', 'check', '--group', 'CNI', '--verbose', '--timeout', '60s']
    return (await exec(argv, { check: false })).stdout
  }
  t.match(await check(), /CNI-013[^]*netavark's\s+default/)
  await exec(['mkdir', '-p', join(drop, '..')])
  for (const [name, lacks] of [
    ['iptables', /no\s+program\s+iptables/],
    ['firewalld', /no\s+program\s+firewalld/],
    ['none', undefined],
  ] as const) {
    await exec(['sh', '-ec', 'printf "[network]\\nfirewall_driver = \\"$1\\"\\n" >"$2"', 'sh', name, drop])
    const { exitCode, stderr } = await tries(['run', '--rm', '--network', 'flatnet', IMAGE, 'id'])
    t.equal(exitCode === 0, lacks === undefined, `${name}: ${stderr}`)
    t.match(await check(), lacks ?? /firewall_driver\s+is\s+none/, name)
  }
  await exec(['rm', drop])
}

async function refusesSecond(t: Test, { host, podman, tries }: Podman5): Promise<void> {
  await podman([...CREATE, 'flatnet2'])
  // netavark 1.14 calls them in random order.
  for (let round = 0; round < 2; round += 1) {
    const networks = ['--network', 'flatnet', '--network', 'flatnet2:ip=10.87.1.1', '-p', '8080:80']
    isRefused(t, await tries(['run', '--rm', ...networks, IMAGE, 'id']), 126, /10\.87\.1\.1 is the bridge/)
    t.same(await host.remains(), [], 'the first is torn down')
  }
  await podman(['network', 'rm', 'flatnet2'])
}

async function failsToTearDown(t: Test, podman5: Podman5): Promise<void> {
  const { host, exec, podman, tries } = podman5
  const state = host.stateDir
  await startWeb(podman5, 'web', ['--network', 'flatnet', '-p', '8080:80'])
  const { IPAddress: address } = await networkOf(podman5, 'web')
  const isBack = async (what: string): Promise<void> => {
    t.match(await networkOf(podman5, 'web'), { IPAddress: address }, what)
    t.equal(await curl(host.outside, `${LAN}:8080/`), 'hello from web', what)
  }
  for (const args of [
    ['network', 'reload', 'web'],
    ['stop', '-t', '0', 'web'],
  ]) {
    const [verb = ''] = args
    await exec(['sh', '-ec', readOnly(state)])
    const failed = await tries(args)
    await exec(['umount', state])
    t.match(failed.stderr, /plugin "flatnet-cni" failed: exit code 1, message: .*(EROFS|[Rr]ead-only)/, verb)
    await podman(verb === 'stop' ? ['start', 'web'] : args)
    await isBack(`after a failed ${verb}`)
  }
  await podman(['rm', '-f', '-t', '0', 'web'])
  t.same(await host.remains(), [])
}

async function losesNamespace(t: Test, podman5: Podman5): Promise<void> {
  const { host, exec, podman, tries } = podman5
  await startWeb(podman5, 'web', ['--network', 'flatnet', '-p', '8080:80'])
  const { IPAddress: address } = await networkOf(podman5, 'web')
  const { stdout: path } = await podman(['inspect', 'web', '--format', '{{.NetworkSettings.SandboxKey}}'])
  await exec(['sh', '-ec', 'umount "$1"; rm "$1"', 'sh', path])
  t.match((await tries(['stop', '-t', '0', 'web'])).stderr, /netns|no such file|namespace/i, 'stop complains')
  await startWeb(podman5, 'other', ['--network', 'flatnet', '-p', '8080:80'])
  t.equal(await curl(host.outside, `${LAN}:8080/`), 'hello from other', 'another container may have the port')
  await podman(['rm', '-f', '-t', '0', 'other'])
  await podman(['start', 'web'])
  t.match(await networkOf(podman5, 'web'), { IPAddress: address }, 'and start gives the same address')
  t.equal(await curl(host.outside, `${LAN}:8080/`), 'hello from web')
  await podman(['rm', '-f', '-t', '0', 'web'])
  t.same(await host.remains(), [])
}

async function isInterrupted(t: Test, podman5: Podman5): Promise<void> {
  const { host, exec, podman, tries } = podman5
  await sleeping(podman5, 'web', ['--network', 'flatnet'])
  const { IPAddress: address } = await networkOf(podman5, 'web')
  await podman(['stop', '-t', '0', 'web'])
  // A process group of its own, as a terminal's foreground has.
  const interrupt = `setsid podman "$@" >/dev/null 2>&1 & group=$!; sleep "$seconds"
    kill -INT -- "-$group" 2>/dev/null; wait "$group"; :`
  for (const seconds of ['0.3', '0.6']) {
    for (const verb of ['start', 'stop']) {
      const args = verb === 'stop' ? ['stop', '-t', '0', 'web'] : ['start', 'web']
      await exec(['env', `seconds=${seconds}`, 'sh', '-c', interrupt, 'sh', ...args])
      await tries(['stop', '-t', '0', 'web'])
      await podman(['start', 'web'])
      const what = `${verb}, interrupted after ${seconds} s`
      t.match(await networkOf(podman5, 'web'), { IPAddress: address }, what)
      await podman(['exec', 'web', 'ping', '-c', '1', '-W', '20', '10.87.2.10'])
    }
    await podman(['stop', '-t', '0', 'web'])
  }
  await podman(['rm', '-f', '-t', '0', 'web'])
  await exec(['/opt/cni/bin/flatnet-cni', 'gc'])
  t.same(await host.remains(), [])
}
