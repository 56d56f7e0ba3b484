// Makes cri-o's calls without cri-o, which Debian 12 does not package: VERSION when a network is loaded,
// CHECK right after every ADD, and with a 1.1.0 conflist STATUS until it is ready and GC once at start. Taken
// from cri-o (server/sandbox_network.go, internal/config/cnimgr/cnimgr.go) and ocicni (pkg/ocicni/ocicni.go).
import t from 'tap'
import { addressOf, EXECUTABLE, isSilent, whyNoHost } from '../../fixtures/host/cni.ts'
import { type CallOptions, DUAL_A, DUAL_POOL, makeHost, type TestHost } from '../../fixtures/host/host.ts'
import { type Netns, removeNetns } from '../../fixtures/host/netns.ts'

const POD =
  'K8S_POD_NAMESPACE=default;K8S_POD_NAME=web;K8S_POD_INFRA_CONTAINER_ID=0123;' +
  'K8S_POD_UID=4567;IgnoreUnknown=1'

/** Runs ADD, then CHECK with ADD's result and otherwise the same input. */
async function addAndCheck(host: TestHost, pod: Netns, { conf = {}, ...rest }: CallOptions = {}) {
  const result = await host.add(pod, { args: POD, ...rest, conf })
  const prevResult = { ...result }
  const check = await host.call('CHECK', pod, { args: POD, ...rest, conf: { ...conf, prevResult } })
  return { result, check }
}

t.test('cri-o', { skip: whyNoHost() }, async (t) => {
  await t.test('the version of our conflist is among the supported ones', async (t) => {
    const host = await makeHost(t)
    const { stdout } = await host.netns.exec([EXECUTABLE], {
      input: '{"cniVersion":"1.0.0"}',
      env: { CNI_COMMAND: 'VERSION', CNI_CONTAINERID: '', CNI_NETNS: 'dummy', CNI_IFNAME: 'dummy' },
    })
    t.ok((JSON.parse(stdout) as { supportedVersions: string[] }).supportedVersions.includes('1.0.0'))
  })

  for (const cniVersion of ['0.4.0', '1.0.0', '1.1.0']) {
    await t.test(`CHECK right after ADD succeeds, version ${cniVersion}`, async (t) => {
      const host = await makeHost(t)
      const pod = await host.container()
      const { result, check } = await addAndCheck(host, pod, { conf: { cniVersion } })
      isSilent(t, check, 'CHECK')
      isSilent(t, await host.del(pod, { args: POD, conf: { cniVersion, prevResult: result } }), 'DEL')
      t.same(await host.remains(), [])
    })
  }

  await t.test('an IPv6 address in duplicate address detection is no fault', async (t) => {
    const host = await makeHost(t, { certificate: DUAL_A, dual: true })
    const pod = await host.container()
    await pod.exec(['sh', '-ec', 'echo 1 >/proc/sys/net/ipv6/conf/default/accept_dad'])
    isSilent(t, (await addAndCheck(host, pod, { conf: { pool: DUAL_POOL } })).check, 'CHECK')
  })

  await t.test('each of eight simultaneous pods is checked while others are created', async (t) => {
    const host = await makeHost(t)
    const pods = await Promise.all(Array.from({ length: 8 }, () => host.container()))
    const all = await Promise.all(pods.map((pod) => addAndCheck(host, pod)))
    for (const { check } of all) isSilent(t, check, 'CHECK')
    t.equal(new Set(all.map(({ result }) => addressOf(result))).size, 8)
  })

  await t.test('IP and MAC of CNI_ARGS pass CHECK', async (t) => {
    const host = await makeHost(t)
    const pod = await host.container()
    const args = `${POD};IP=10.87.1.77;MAC=02:00:00:00:00:77`
    const { result, check } = await addAndCheck(host, pod, { args })
    t.match(result, {
      ips: [{ address: '10.87.1.77/24' }],
      interfaces: { 2: { mac: '02:00:00:00:00:77' } },
    })
    isSilent(t, check, 'CHECK')
  })

  await t.test('at start STATUS succeeds and GC removes the pods that were lost', async (t) => {
    const host = await makeHost(t)
    const conf = { cniVersion: '1.1.0' }
    const [living, lost] = [await host.container(), await host.container()]
    const { result } = await addAndCheck(host, living, { conf })
    await addAndCheck(host, lost, { conf })
    removeNetns(lost.name)
    isSilent(t, await host.ask('STATUS', conf), 'STATUS')
    const valid = [{ containerID: living.name, ifname: 'eth0' }]
    isSilent(t, await host.ask('GC', { ...conf, 'cni.dev/valid-attachments': valid }), 'GC')
    isSilent(
      t,
      await host.call('CHECK', living, { args: POD, conf: { ...conf, prevResult: result } }),
      'CHECK',
    )
    await host.del(living, { conf })
    t.same(await host.remains(), [])
  })

  await t.test('DEL succeeds in every state of the namespace', async (t) => {
    const host = await makeHost(t)
    for (const netns of ['', '/run/netns/no-such', '/etc/hostname', '/var/run/netns']) {
      const pod = await host.container()
      const { result } = await addAndCheck(host, pod)
      isSilent(
        t,
        await host.del(pod, { args: POD, netns, conf: { prevResult: result } }),
        `DEL of '${netns}'`,
      )
      t.same(await host.remains(), [])
    }
  })
})
