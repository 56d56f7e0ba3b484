// podman 5 beside other runtimes, and the usual ways to start several containers.

import t, { type Test } from 'tap'
import { IMAGE } from '../../../scripts/lab/host/podman.ts'
import { addressOf, whyNoHost } from '../../fixtures/host/cni.ts'
import { DUAL_A } from '../../fixtures/host/host.ts'
import { networkOf, sleeping } from '../../fixtures/runtimes/podman5/containers.ts'
import { makePodman5, type Podman5 } from '../../fixtures/runtimes/podman5/host.ts'
import { whyNoPodman5 } from '../../../scripts/lab/podman5/packages.ts'

const skip = whyNoHost() || whyNoPodman5('trixie')
const CREATE = ['network', 'create', '-d', 'flatnet-cni']

t.test('one host with podman 5 and CNI', { skip }, async (t) => {
  const podman5 = await makePodman5(t, 'trixie')
  await podman5.podman([...CREATE, 'flatnet'])
  await t.test('eight of each started together', (t) => sharesSubnet(t, podman5))
  await t.test('pods and kube play', (t) => runsPods(t, podman5))
  await t.test('an additional bridge network', (t) => runsBesideBridge(t, podman5))
  await t.test('the settings of a network', (t) => obeysNetwork(t, podman5))
  await t.test('a quadlet', (t) => readsQuadlet(t, podman5))
  await t.test('network rm -f', (t) => removesNetwork(t, podman5))
})

t.test('both families', { skip }, async (t) => {
  const podman5 = await makePodman5(t, 'trixie', { certificate: DUAL_A, dual: true })
  const { podman } = podman5
  await podman([...CREATE, '--ipv6', 'flatnet'])
  const network = await podman(['network', 'inspect', 'flatnet'])
  t.match(network.stdout, /"subnet": "fd87:0:0:1::\/64"/)
  t.match(network.stdout, /"ipv6_enabled": true/)
  await sleeping(podman5, 'any', ['--network', 'flatnet'])
  t.match(await networkOf(podman5, 'any'), { IPAddress: '10.87.1.10', GlobalIPv6Address: /^fd87:0:0:1::/ })
  await podman(['exec', 'any', 'ping', '-c', '1', '-W', '20', 'fd87:0:0:2::a'])
  const both = ['--ip', '10.87.1.60', '--ip6', 'fd87:0:0:1::60', '-p', '[::]:8081:80']
  await sleeping(podman5, 'asked', ['--network', 'flatnet', ...both])
  const asked = { IPAddress: '10.87.1.60', GlobalIPv6Address: 'fd87:0:0:1::60' }
  t.match(await networkOf(podman5, 'asked'), asked)
  await podman(['network', 'reload', 'asked'])
  t.match(await networkOf(podman5, 'asked'), asked, 'after network reload')
})

async function sharesSubnet(t: Test, podman5: Podman5): Promise<void> {
  const { host, podman } = podman5
  const names = Array.from({ length: 8 }, (_, index) => `p${String(index)}`)
  // CNI calls run Debian 12's nft, which crashes on maps made by Debian 13's: so the first CNI call makes
  // them.
  const first = await host.container()
  const ofFirst = addressOf(await host.add(first))
  const containers = await Promise.all(names.map(() => host.container()))
  const [ofCni] = await Promise.all([
    Promise.all(containers.map(async (container) => addressOf(await host.add(container)))),
    ...names.map((name) => sleeping(podman5, name, ['--network', 'flatnet'])),
  ])
  const ofPodman = await Promise.all(names.map(async (name) => (await networkOf(podman5, name)).IPAddress))
  const all = [ofFirst, ...ofCni, ...ofPodman]
  t.equal(new Set(all).size, 17, `the addresses differ: ${all.join(' ')}`)
  for (const container of [first, ...containers]) await host.del(container)
  await podman(['rm', '-f', '-t', '0', ...names])
  t.same(await host.remains(), [])
}

const POD = `apiVersion: v1
kind: Pod
metadata: { name: office }
spec:
  containers:
    - name: one
      image: ${IMAGE}
      command: [sleep, '100000']
      ports: [{ containerPort: 80, hostPort: 8085 }]
    - { name: two, image: ${IMAGE}, command: [sleep, '100000'] }
`

async function runsPods(t: Test, { host, podman }: Podman5): Promise<void> {
  await podman(['kube', 'play', '--network', 'flatnet:ip=10.87.1.70', '-'], { input: POD })
  const show = ['exec', 'office-two', 'ip', 'address', 'show', 'dev', 'eth0']
  t.match((await podman(show)).stdout, /inet 10\.87\.1\.70\/24/, 'every container of the pod has the address')
  const { stdout } = await host.cli(['ps'])
  t.match(stdout, /office.* 10\.87\.1\.70 .*8085/, 'ps shows its name and port')
  await podman(['pod', 'stop', '-t', '0', 'office'])
  t.same(await host.remains(), [])
  await podman(['pod', 'start', 'office'])
  t.match((await podman(show)).stdout, /inet 10\.87\.1\.70\/24/)
  await podman(['pod', 'rm', '-f', '-t', '0', 'office'])
  t.same(await host.remains(), [])
}

async function runsBesideBridge(t: Test, podman5: Podman5): Promise<void> {
  const { host, podman } = podman5
  await podman(['network', 'create', 'br0'])
  for (const networks of [
    ['flatnet', 'br0'],
    ['br0', 'flatnet'],
  ]) {
    await sleeping(
      podman5,
      'both',
      networks.flatMap((network) => ['--network', network]),
    )
    const routes = (await podman(['exec', 'both', 'ip', 'route'])).stdout
    t.match(routes, /default via 10\.87\.1\.1 dev eth\d/, networks.join(' and '))
    await podman(['exec', 'both', 'ping', '-c', '1', '-W', '20', '10.87.2.10'])
    await podman(['rm', '-f', '-t', '0', 'both'])
  }
  await podman(['network', 'rm', 'br0'])
  t.same(await host.remains(), [])
}

async function obeysNetwork(t: Test, podman5: Podman5): Promise<void> {
  const { host, podman } = podman5
  const options = ['-o', 'mtu=1280', '--route', '10.99.0.0/16,10.87.1.1,50', '--interface-name', 'flatnet1']
  const subnet = ['--subnet', '10.87.1.0/24', '--ip-range', '10.87.1.200-10.87.1.255']
  await podman([...CREATE, ...options, ...subnet, 'special'])
  await sleeping(podman5, 'one', ['--network', 'special'])
  const { IPAddress } = await networkOf(podman5, 'one', 'special')
  t.match(IPAddress, /^10\.87\.1\.2[0-5]\d$/, 'its address is in the range')
  t.match((await podman(['exec', 'one', 'ip', 'link', 'show', 'eth0'])).stdout, /mtu 1280/)
  t.match(
    (await podman(['exec', 'one', 'ip', 'route'])).stdout,
    /10\.99\.0\.0\/16 via 10\.87\.1\.1 .*metric 50/,
  )
  t.match((await host.netns.exec(['ip', 'link', 'show', 'flatnet1'])).stdout, /flatnet1/)
  await podman(['rm', '-f', '-t', '0', 'one'])
  await podman(['network', 'rm', 'special'])
  await host.netns.batch(['link delete flatnet1'])
}

async function readsQuadlet(t: Test, { exec }: Podman5): Promise<void> {
  const units = '/etc/containers/systemd'
  const network = '[Network]\\nNetworkName=office\\nDriver=flatnet-cni\\nOptions=mtu=1280\\n'
  const container = '[Container]\\nImage=localhost/bb\\nNetwork=office.network:ip=10.87.1.80\\n'
  const script = `mkdir -p ${units}; printf '${network}' >${units}/office.network
    printf '${container}' >${units}/web.container
    /usr/libexec/podman/quadlet -dryrun 2>/dev/null`
  const { stdout } = await exec(['sh', '-ec', script])
  const create = /^ExecStart=\S*podman (network create .*)$/m.exec(stdout)?.[1]?.split(' ') ?? []
  t.match(stdout, /--network=? ?office:ip=10\.87\.1\.80/)
  await exec(['podman', ...create])
  t.match((await exec(['podman', 'network', 'inspect', 'office'])).stdout, /"mtu": "1280"/)
  await exec(['podman', 'network', 'rm', 'office'])
}

async function removesNetwork(t: Test, podman5: Podman5): Promise<void> {
  const { host, podman } = podman5
  await sleeping(podman5, 'one', ['--network', 'flatnet'])
  await podman(['network', 'rm', '-f', '-t', '0', 'flatnet'])
  t.same(await host.remains(), [], 'its containers are removed with it')
}
