// Other plugins before and after ours: Debian's portmap, firewall, tuning and bandwidth, in a chain as a
// runtime runs it.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { start, waitUntil } from '../../../../scripts/lab/run.ts'
import { type AddResult, addressOf, isSilent, resultOf, whyNoHost } from '../../../fixtures/host/cni.ts'
import { type Conf, makeHost, type TestHost } from '../../../fixtures/host/host.ts'
import { type Netns, show } from '../../../fixtures/host/netns.ts'

const PLUGINS = '/usr/lib/cni'
const CHAIN: readonly Conf[] = [
  {
    type: 'portmap',
    runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] },
  },
  { type: 'firewall', backend: 'iptables' },
  { type: 'tuning', mac: '02:00:00:00:77:77', sysctl: { 'net.ipv4.conf.eth0.log_martians': '1' } },
  { type: 'bandwidth', runtimeConfig: { bandwidth: { ingressRate: 80_000_000, ingressBurst: 80_000_000 } } },
]

function whyNoChain(): string | false {
  const missing = CHAIN.map(({ type }) => join(PLUGINS, String(type))).find((path) => !existsSync(path))
  return missing === undefined ? whyNoHost() : `${missing} is missing: run scripts/setup.sh`
}

async function call(
  host: TestHost,
  verb: 'ADD' | 'DEL',
  container: Netns,
  { own, prevResult }: { readonly own: Conf; readonly prevResult: AddResult },
): Promise<AddResult | undefined> {
  const stdin = JSON.stringify({ cniVersion: prevResult.cniVersion, name: 'flatnet', ...own, prevResult })
  const outcome = await host.call(verb, container, { plugin: join(PLUGINS, String(own['type'])), stdin })
  if (verb === 'ADD') return resultOf(outcome)
  if (outcome.exitCode !== 0) throw new Error(`${String(own['type'])}: ${outcome.stdout}`)
  return undefined
}

/** Answers every connection to port 80 with the client's address as the server sees it. */
function serve(container: Netns): ReturnType<typeof start> {
  const program =
    "require('node:net').createServer((s) => s.end('seen ' + s.remoteAddress))" + ".listen(80, '0.0.0.0')"
  return start(['nsenter', `--net=${container.path}`, process.execPath, '-e', program])
}

async function connect(from: Netns, address: string, port: number): Promise<string> {
  const script = `timeout 2 cat </dev/tcp/${address}/${String(port)}`
  return (await from.exec(['bash', '-c', script], { check: false })).stdout
}

for (const cniVersion of ['0.4.0', '1.0.0']) {
  t.test(`Debian's plugins work after ours in version ${cniVersion}`, { skip: whyNoChain() }, async (t) => {
    const host = await makeHost(t)
    const container = await host.container()
    const ours = await host.add(container, { conf: { cniVersion } })
    let result = ours
    for (const own of CHAIN)
      result = (await call(host, 'ADD', container, { own, prevResult: result })) ?? result
    t.match(result.ips, [{ address: ours.ips[0]?.address }])
    t.equal(result.interfaces[0]?.name, 'flatnet0')
    t.match(await show(container, ['link', 'show', 'dev', 'eth0']), [{ address: '02:00:00:00:77:77' }])
    const server = serve(container)
    t.teardown(async () => {
      server.kill()
      await server
    })
    await waitUntil('the container to answer', 10_000, async () =>
      (await connect(host.netns, addressOf(ours), 80)).startsWith('seen'),
    )
    t.equal(await connect(host.outside, '192.168.77.10', 8080), 'seen 192.168.77.1')
    t.equal(
      await connect(host.far, '10.86.1.1', 8080),
      'seen 10.86.2.1',
      'the port is published on the overlay address too',
    )
    t.match(await connect(host.netns, '192.168.77.10', 8080), /^seen/, 'the host reaches it too')
    isSilent(
      t,
      await host.call('CHECK', container, { conf: { cniVersion, prevResult: result } }),
      'CHECK of ours',
    )

    for (const own of CHAIN.toReversed()) await call(host, 'DEL', container, { own, prevResult: result })
    isSilent(t, await host.del(container, { conf: { cniVersion, prevResult: result } }), 'DEL of ours')
    t.same(await host.remains(), [])
    const { stdout } = await host.netns.exec(['iptables-save'])
    t.notMatch(
      stdout,
      new RegExp(`${container.name}|${addressOf(ours)}`),
      'nothing is left of the other plugins',
    )
  })
}

t.test('after another plugin, our result follows its own', { skip: whyNoHost() }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  const prevResult = {
    cniVersion: '1.0.0',
    interfaces: [
      { name: 'br9', mac: '02:00:00:00:00:01' },
      { name: 'net9', mac: '02:00:00:00:00:02', sandbox: container.path },
    ],
    ips: [{ address: '10.9.0.2/24', gateway: '10.9.0.1', interface: 1 }],
    routes: [{ dst: '10.9.0.0/16', gw: '10.9.0.1' }],
    dns: { nameservers: ['10.9.0.53'] },
  }
  const result = await host.add(container, { conf: { prevResult } })
  t.same(result.interfaces.slice(0, 2), prevResult.interfaces)
  t.same(
    result.interfaces.slice(2).map(({ name }) => name.replace(/^veth.*/, 'veth')),
    ['flatnet0', 'veth', 'eth0'],
  )
  t.same(result.ips[0], prevResult.ips[0])
  t.match(result.ips[1], { address: '10.87.1.10/24', gateway: '10.87.1.1', interface: 4 })
  t.same(result.routes, [
    ...prevResult.routes,
    { dst: '0.0.0.0/0', gw: '10.87.1.1' },
    { dst: '10.87.0.0/16', gw: '10.87.1.1' },
  ])
  t.same(result.dns, prevResult.dns)
  isSilent(t, await host.del(container, { conf: { prevResult: result } }), 'DEL')
  t.same(await host.remains(), [])
})
