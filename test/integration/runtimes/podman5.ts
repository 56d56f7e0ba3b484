// Debian's podman 5 with flatnet-cni as its network driver, called as a user calls it.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { IMAGE } from '../../../scripts/lab/host/podman.ts'
import { PODMAN5_SUITES, whyNoPodman5 } from '../../../scripts/lab/podman5/packages.ts'
import type { Outcome } from '../../../scripts/lab/run.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { makePodman5, type Podman5 } from '../../fixtures/runtimes/podman5/host.ts'
import { curl, isRefused, networkOf, sleeping, startWeb } from '../../fixtures/runtimes/podman5/containers.ts'

const HOST = '192.168.77.10'

for (const suite of PODMAN5_SUITES) {
  t.test(`podman of Debian ${suite}`, { skip: whyNoHost() || whyNoPodman5(suite) }, async (t) => {
    const podman5 = await makePodman5(t, suite)
    t.comment((await podman5.podman(['--version'])).stdout)
    await t.test('network create', (t) => createsNetwork(t, podman5))
    await t.test('run', (t) => runs(t, podman5))
    await t.test('the address stays', (t) => keepsAddress(t, podman5))
    // The messages are flatnet-cni's, and podman's exit code has not changed for years: one version is
    // enough.
    if (suite === 'trixie') await t.test('refusals', (t) => refuses(t, podman5))
    await t.test('reboot', (t) => reboots(t, podman5))
  })
}

async function createsNetwork(t: Test, { host, disk, podman, tries }: Podman5): Promise<void> {
  const made = await podman(['network', 'create', '-d', 'flatnet-cni', 'flatnet'])
  t.equal(made.stderr, '')
  const file = join(disk, 'upper/etc/containers/networks/flatnet.json')
  t.match(JSON.parse(readFileSync(file, 'utf8')), {
    driver: 'flatnet-cni',
    subnets: [{ subnet: '10.87.1.0/24', gateway: '10.87.1.1' }],
    ipv6_enabled: false,
    dns_enabled: false,
    ipam_options: { driver: 'none' },
  })
  t.same(await host.remains(), [])
  const refused: [string[], RegExp][] = [
    [['--subnet', '10.87.9.0/24'], /10\.87\.9\.0\/24 is not in this host's certificate/],
    [['--subnet', '10.87.1.0/24', '--gateway', '10.87.1.9'], /10\.87\.1\.1 is the gateway/],
    [['--internal'], /leave out --internal/],
    [['--ipv6'], /leave out --ipv6/],
    [['--ipam-driver', 'host-local'], /ipam driver/],
    [['--dns', '9.9.9.9'], /leave out --dns|dns/i],
    [['-o', 'colour=blue'], /unknown option: colour=blue/],
    [['-o', 'mtu=big'], /mtu: needs a whole number/],
  ]
  for (const [options, says] of refused)
    isRefused(t, await tries(['network', 'create', '-d', 'flatnet-cni', ...options, 'other']), 125, says)
  t.equal((await podman(['network', 'ls', '-q'])).stdout, 'flatnet\npodman', 'no network is created')
}

async function runs(t: Test, podman5: Podman5): Promise<void> {
  const { host, podman } = podman5
  await startWeb(podman5, 'web', ['--network', 'flatnet', '-p', '8080:80', '-p', '127.0.0.1:8090-8091:80-81'])
  const { IPAddress, MacAddress, Gateway, IPPrefixLen } = await networkOf(podman5, 'web')
  t.same(
    { IPAddress, Gateway, IPPrefixLen },
    { IPAddress: '10.87.1.10', Gateway: '10.87.1.1', IPPrefixLen: 24 },
  )
  const { stdout } = await podman(['exec', 'web', 'ip', 'address', 'show', 'dev', 'eth0'])
  t.match(stdout, new RegExp(`mtu 1300 [^]*${MacAddress}[^]*inet ${IPAddress}/24 `))
  t.match((await podman(['exec', 'web', 'ip', 'route'])).stdout, /default via 10\.87\.1\.1 dev eth0/)
  await podman(['exec', 'web', 'ping', '-c', '1', '-W', '20', '10.87.2.10'])
  t.equal(await curl(host.outside, `http://${HOST}:8080/`), 'hello from web', 'from the LAN')
  t.equal(await curl(host.netns, 'http://127.0.0.1:8090/'), 'hello from web', 'from the host')
  const asked = 'flatnet:ip=10.87.1.50,mac=02:00:00:00:00:07,alias=www,interface_name=net0'
  await podman(['network', 'create', '-d', 'flatnet-cni', 'flatnet2'])
  await sleeping(podman5, 'asked', ['--network', asked, '--network', 'flatnet2'])
  t.match(await networkOf(podman5, 'asked'), { IPAddress: '10.87.1.50', MacAddress: '02:00:00:00:00:07' })
  t.match(
    (await podman(['exec', 'asked', 'ip', 'address', 'show', 'dev', 'net0'])).stdout,
    /10\.87\.1\.50\/24/,
  )
  const ps = JSON.parse((await host.cli(['ps', '--json'])).stdout) as { containers: { names: string[] }[] }
  t.same(ps.containers.map(({ names }) => names.join(' ')).toSorted(), ['asked', 'asked www', 'web'])
  await podman(['rm', '-f', '-t', '0', 'web', 'asked'])
  t.same(await host.remains(), [])
  t.not(await curl(host.outside, `http://${HOST}:8080/`), 'hello from web', 'the port is closed')
}

async function keepsAddress(t: Test, podman5: Podman5): Promise<void> {
  const { host, podman } = podman5
  await startWeb(podman5, 'web', ['--network', 'flatnet', '-p', '8080:80'])
  const { IPAddress: address, MacAddress: mac } = await networkOf(podman5, 'web')
  const isBack = async (what: string): Promise<void> => {
    t.match(await networkOf(podman5, 'web'), { IPAddress: address, MacAddress: mac }, what)
    t.equal(await curl(host.outside, `http://${HOST}:8080/`), 'hello from web', `${what}: its port answers`)
  }
  await podman(['stop', '-t', '0', 'web'])
  await sleeping(podman5, 'one', ['--network', 'flatnet'])
  await sleeping(podman5, 'two', ['--network', 'flatnet'])
  await podman(['start', 'web'])
  await isBack('stop and start, with two others in between')
  await podman(['restart', '-t', '0', 'web'])
  await isBack('restart')
  await host.netns.exec(['nft', 'flush', 'ruleset'])
  await podman(['network', 'reload', 'web'])
  await isBack('network reload, with every rule gone')
  await podman(['network', 'disconnect', 'flatnet', 'web'])
  await podman(['network', 'connect', '--ip', '10.87.1.99', '--alias', 'zz', 'flatnet', 'web'])
  t.match(await networkOf(podman5, 'web'), { IPAddress: '10.87.1.99' }, 'connect --ip')
  await podman(['network', 'reload', 'web'])
  t.match(await networkOf(podman5, 'web'), { IPAddress: '10.87.1.99' }, 'reload, which requests it twice')
  await podman(['rm', '-f', '-t', '0', 'web', 'one', 'two'])
  t.same(await host.remains(), [])
}

async function refuses(t: Test, podman5: Podman5): Promise<void> {
  const { host, tries } = podman5
  await sleeping(podman5, 'one', ['--network', 'flatnet:ip=10.87.1.20'])
  const before = await host.remains()
  const run = (...options: string[]): Promise<Outcome> => tries(['run', '--rm', ...options, IMAGE, 'true'])
  const refused: [string, RegExp][] = [
    ['ip=10.87.1.1', /10\.87\.1\.1 is the bridge/],
    ['ip=10.87.1.2', /reserved for the agent's probes/],
    ['ip=10.99.0.9', /10\.99\.0\.9 is outside 10\.87\.1\.0\/24/],
    ['ip=fd87::9', /fd87::9 is outside/],
    ['ip=10.87.1.20', /requested address is taken: 10\.87\.1\.20 is held by/],
    ['ip=10.87.1.30,ip=10.87.1.31', /one address per family/],
    ['mac=01:00:00:00:00:07', /group bit/],
    ['mac=02:00:00:00:00:00:00:07', /is not a MAC address/],
    ['interface_name=sixteen-letters-', /longer than 15 bytes/],
    ['foo=bar', /unknown option: foo=bar/],
  ]
  for (const [options, says] of refused) isRefused(t, await run('--network', `flatnet:${options}`), 126, says)
  t.same(await host.remains(), before, 'nothing is left of them')
  await podman5.podman(['rm', '-f', '-t', '0', 'one'])
}

async function reboots(t: Test, podman5: Podman5): Promise<void> {
  const { host, podman, reboot, exec } = podman5
  await sleeping(podman5, 'first', ['--network', 'flatnet'])
  await sleeping(podman5, 'web', ['--network', 'flatnet'])
  const { IPAddress: address } = await networkOf(podman5, 'web')
  await reboot()
  await sleeping(podman5, 'other', ['--network', 'flatnet'])
  await podman(['start', 'web'])
  t.equal(
    (await networkOf(podman5, 'web')).IPAddress,
    address,
    'the same address, even though another container started first',
  )
  await podman(['rm', 'first'])
  const { stdout } = await exec(['/opt/cni/bin/flatnet-cni', 'gc'])
  t.match(
    stdout,
    /10\.87\.1\.\d+\/24\): it is from before this boot/,
    'gc removes what podman never tore down',
  )
  await podman(['rm', '-f', '-t', '0', 'web', 'other'])
  t.same(await host.remains(), [])
}
