// containerd's Container Runtime Interface, used as kubelet uses it: pods on the network of
// conflist/10-flatnet.conflist.
import t from 'tap'
import { upLab } from '../../../scripts/lab/up.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { removeCgroupsOf, startContainerd, whyNoContainerd } from '../../fixtures/runtimes/containerd.ts'
import { connectCri, type PodConfig } from '../../fixtures/runtimes/cri.ts'
import { ARCHIVED_IMAGE } from '../../fixtures/runtimes/image-archive.ts'
import { leasesOn, podman, remainsOn, runWeb } from '../../fixtures/runtimes/podman.ts'
import { BY_NEBULA, pageFrom, ttlFrom } from '../../fixtures/traffic/reach.ts'

const SERVER = 'echo "hello from $HOSTNAME" > /www/index.html; exec httpd -f -p 80 -h /www'
const CONFLIST = '/etc/cni/net.d/10-flatnet.conflist'

t.test('pods through the CRI', { skip: whyNoContainerd() }, async (t) => {
  const lab = await upLab({ name: `tcri${process.pid}` })
  const [a, b] = [lab.host('a'), lab.host('b')]
  t.teardown(async () => {
    await lab.down()
    await removeCgroupsOf(a)
  })
  const containerd = await startContainerd(a)
  const cri = connectCri(containerd.socket)
  t.teardown(() => cri.close())

  const configOf = (name: string, more: Partial<PodConfig> = {}): PodConfig => ({
    metadata: { name, uid: `uid-${name}`, namespace: 'default', attempt: 0 },
    hostname: name,
    logDirectory: '/var/log',
    portMappings: [],
    linux: { cgroupParent: `${containerd.cgroup}/pods` },
    ...more,
  })
  const addressOf = async (pod: string): Promise<string> => (await cri.podStatus(pod)).network?.ip ?? ''
  const endPod = async (pod: string): Promise<void> => {
    await cri.stopPod(pod)
    await cri.removePod(pod)
  }
  const isNetworkReady = async (): Promise<boolean | undefined> =>
    (await cri.conditions()).find(({ type }) => type === 'NetworkReady')?.status

  await t.test("the conflist alone makes flatnet the node's network", async (t) => {
    t.match(await cri.version(), { runtimeName: 'containerd' })
    t.equal(await isNetworkReady(), true)
    await a.exec(['mv', CONFLIST, `${CONFLIST}.away`])
    await waitUntil('containerd to notice its removal', 5000, async () => (await isNetworkReady()) === false)
    await a.exec(['mv', `${CONFLIST}.away`, CONFLIST])
    await waitUntil('containerd to notice its return', 5000, async () => (await isNetworkReady()) === true)
  })

  await t.test('a pod gets an address of the host and is reachable from everywhere', async (t) => {
    const config = configOf('web', { portMappings: [{ containerPort: 80, hostPort: 8080 }] })
    const pod = await cri.runPod(config)
    const address = await addressOf(pod)
    t.match(address, /^10\.87\.1\.\d+$/)
    const container = await cri.runContainer(pod, config, ARCHIVED_IMAGE, ['sh', '-c', SERVER])
    const inside = { exec: async (command: readonly string[]) => cri.exec(container, command) }
    t.match(await inside.exec(['ip', '-4', 'address', 'show', 'dev', 'eth0']), `inet ${address}/24`)

    await waitUntil('the server to answer', 10_000, async () => (await pageFrom(a, address)) !== '')
    t.equal((await a.exec(['ping', '-n', '-c', '1', '-W', '2', address])).exitCode, 0, 'from its host')
    const remote = await runWeb(b, 'remote')
    t.equal(await ttlFrom(remote, address), BY_NEBULA, 'from a container of another host, through Nebula')
    t.equal(await pageFrom(remote, address), 'hello from web')
    const fetch = ['timeout', '60', 'wget', '-q', '-O', '-', `http://${remote.address}/`]
    t.equal(await inside.exec(fetch), 'hello from remote\n', 'in the other direction')
    t.equal(await pageFrom(lab.lan, `${a.plan.v4.wsl}:8080`), 'hello from web', 'hostPort, from the LAN')
    await podman(b, ['rm', '-f', '-t', '0', 'remote'])

    await cri.stopPod(pod)
    t.match(await cri.podStatus(pod), { state: 1 })
    t.same(await remainsOn(a), [], 'stopping releases everything')
    await cri.stopPod(pod)
    await cri.removePod(pod)
    await t.rejects(cri.podStatus(pod), /not found/)
  })

  await t.test('five pods started together get different addresses', async (t) => {
    const pods = await Promise.all([1, 2, 3, 4, 5].map((each) => cri.runPod(configOf(`many-${each}`))))
    const addresses = await Promise.all(pods.map(addressOf))
    t.same(addresses.toSorted(), (await leasesOn(a)).toSorted())
    t.equal(new Set(addresses).size, 5, addresses.join(' '))
    await a.exec(['flatnet-cni', 'gc'])
    t.equal((await leasesOn(a)).length, 5, 'gc leaves them alone')
    await Promise.all(pods.map(endPod))
    t.same(await remainsOn(a), [])
  })

  await t.test('kubelet learns why a pod got no network, and nothing is left', async (t) => {
    await a.exec(['mv', '/etc/nebula/host.crt', '/etc/nebula/away'])
    await t.rejects(
      cri.runPod(configOf('refused')),
      /"flatnet-cni" failed \(add\): .*\/etc\/nebula\/host\.crt/,
    )
    await a.exec(['mv', '/etc/nebula/away', '/etc/nebula/host.crt'])
    t.same(await remainsOn(a), [])
  })

  await t.test('a pod whose namespace is missing can be stopped', async (t) => {
    const pod = await cri.runPod(configOf('lost'))
    const { stdout } = await a.exec(['ls', '/run/netns'])
    await a.exec(['ip', 'netns', 'delete', stdout.trim()])
    await endPod(pod)
    t.same(await remainsOn(a), [])
  })

  await t.test('after a reboot old pods are removed and new ones start', async (t) => {
    const before = await cri.runPod(configOf('web'))
    await lab.reboot('a')
    await startContainerd(a)
    t.match(await cri.podStatus(before), { state: 1 })
    // kubelet's order: the next attempt of the same pod may start before the old one is removed.
    const metadata = { ...configOf('web').metadata, attempt: 1 }
    const after = await cri.runPod(configOf('web', { metadata }))
    t.match(await addressOf(after), /^10\.87\.1\.\d+$/)
    await endPod(before)
    t.same(await leasesOn(a), [await addressOf(after)])
    await endPod(after)
    t.same(await remainsOn(a), [])
  })
})
