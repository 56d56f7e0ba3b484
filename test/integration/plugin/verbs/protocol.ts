// The protocol from outside: variables and text in, exit code and text out (CNI SPEC 0.1.0 to 1.1.0). Each
// table tests the rule in its title.
import { existsSync } from 'node:fs'
import t from 'tap'
import { type Outcome, run } from '../../../../scripts/lab/run.ts'
import { EXECUTABLE, isRefused, isSilent, resultOf, whyNoHost } from '../../../fixtures/host/cni.ts'
import { type CallOptions, makeHost } from '../../../fixtures/host/host.ts'
import { pings } from '../../../fixtures/host/netns.ts'

const skip = whyNoHost()
const VERSIONS = ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0']
const unbuilt = existsSync(EXECUTABLE) ? false : 'dist/flatnet-cni is missing: npm run build'

const ask = (env: Record<string, string>, input = ''): Promise<Outcome> =>
  run([EXECUTABLE], { check: false, env, input })

t.test('a verb names every missing variable in one error', { skip: unbuilt }, async (t) => {
  const attachment = { CNI_CONTAINERID: 'c1', CNI_IFNAME: 'eth0', CNI_NETNS: '/run/netns/none' }
  const table: [string, string[]][] = [
    ['ADD', ['CNI_CONTAINERID', 'CNI_IFNAME', 'CNI_NETNS']],
    ['CHECK', ['CNI_CONTAINERID', 'CNI_IFNAME', 'CNI_NETNS']],
    ['DEL', ['CNI_CONTAINERID', 'CNI_IFNAME']],
  ]
  for (const [verb, needed] of table) {
    isRefused(t, await ask({ CNI_COMMAND: verb }), 4, new RegExp(`${verb} needs ${needed.join(', ')}$`))
    for (const name of needed) {
      const outcome = await ask({ CNI_COMMAND: verb, ...attachment, [name]: '' })
      isRefused(t, outcome, 4, new RegExp(`${verb} needs ${name}$`))
    }
  }
})

t.test('GC and STATUS need only the verb', { skip: unbuilt }, async (t) => {
  for (const verb of ['GC', 'STATUS']) isRefused(t, await ask({ CNI_COMMAND: verb }), 6, /is empty/)
})

t.test('a run without CNI_COMMAND shows help and succeeds', { skip: unbuilt }, async (t) => {
  for (const env of [{}, { CNI_COMMAND: '' }] as Record<string, string>[]) {
    const { exitCode, stdout } = await ask(env)
    t.equal(exitCode, 0)
    t.match(stdout, /^flatnet-cni: .*\n[^]*CNI 0\.1\.0, .* 1\.1\.0[^]*Commands/)
  }
})

t.test('an error has the version that the configuration asked for', { skip: unbuilt }, async (t) => {
  for (const cniVersion of [...VERSIONS, '9.9.9']) {
    const { stdout } = await ask({ CNI_COMMAND: 'GC' }, JSON.stringify({ cniVersion, name: '/' }))
    t.match(JSON.parse(stdout), { cniVersion, code: cniVersion === '9.9.9' ? 1 : 7 })
  }
})

t.test('CHECK is refused below 0.4.0, GC and STATUS below 1.1.0', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  for (const cniVersion of VERSIONS) {
    if (cniVersion < '0.4') isRefused(t, await host.call('CHECK', container, { conf: { cniVersion } }), 1,
      /CHECK/)
    for (const verb of ['GC', 'STATUS'] as const) {
      const outcome = await host.ask(verb, { cniVersion })
      if (cniVersion === '1.1.0') isSilent(t, outcome, verb)
      else isRefused(t, outcome, 1, new RegExp(`${verb} came with 1\\.1\\.0`))
    }
  }
}) // prettier-ignore

const EARLIER = { name: 'lan0', mac: '02:00:00:00:00:01' }
const EARLIER_IP = { address: '192.0.2.9/24', gateway: '192.0.2.1' }
const EARLIER_ROUTE = { dst: '198.51.100.0/24', gw: '192.0.2.1' }

// The result of the plugin before ours, in the form of each version.
function earlierResult(cniVersion: string): object {
  if (cniVersion < '0.3') return { ip4: { ip: EARLIER_IP.address, gateway: EARLIER_IP.gateway,
    routes: [EARLIER_ROUTE] } }
  const family = cniVersion < '1' ? { version: '4' } : {}
  const news = cniVersion === '1.1.0' ? { mtu: 1400 } : {}
  return {
    cniVersion,
    interfaces: [{ ...EARLIER, ...news }],
    ips: [{ ...family, ...EARLIER_IP, interface: 0 }],
    routes: [{ ...EARLIER_ROUTE, ...(cniVersion === '1.1.0' ? { priority: 9 } : {}) }],
    dns: { domain: 'lan' },
  }
} // prettier-ignore

t.test('ADD, CHECK and DEL in every version', { skip }, async (t) => {
  const host = await makeHost(t)
  for (const cniVersion of VERSIONS) {
    await t.test(`${cniVersion}: the result has that version’s form`, async (t) => {
      const container = await host.container()
      const { exitCode, stdout } = await host.call('ADD', container, { conf: { cniVersion } })
      t.equal(exitCode, 0, stdout)
      const told = JSON.parse(stdout) as Record<string, unknown>
      t.equal(told['cniVersion'], cniVersion)
      const gateway = '10.87.1.1'
      const routes = [
        { dst: '0.0.0.0/0', gw: gateway },
        { dst: '10.87.0.0/16', gw: gateway },
      ]
      if (cniVersion < '0.3') {
        t.same(Object.keys(told).toSorted(), ['cniVersion', 'dns', 'ip4'])
        t.match(told['ip4'], { ip: /^10\.87\.1\.\d+\/24$/, gateway, routes })
      } else {
        const [ip] = told['ips'] as Record<string, unknown>[]
        const [, near, inside] = told['interfaces'] as Record<string, unknown>[]
        t.match(ip, { address: /^10\.87\.1\.\d+\/24$/, gateway, interface: 2 })
        t.equal(ip?.['version'], cniVersion < '1' ? '4' : undefined)
        t.same([near?.['mtu'], inside?.['mtu']],
          cniVersion === '1.1.0' ? [1300, 1300] : [undefined, undefined])
        t.same(told['routes'], routes)
      }
      t.ok(await pings(container, gateway))
      const conf = { cniVersion, prevResult: told }
      if (cniVersion >= '0.4') isSilent(t, await host.call('CHECK', container, { conf }), 'CHECK')
      isSilent(t, await host.del(container, { conf }), 'DEL')
      t.same(await host.remains(), [])
    })

    await t.test(`${cniVersion}: an earlier plugin’s result is passed on, followed by ours`, async (t) => {
      const container = await host.container()
      const conf = { cniVersion, prevResult: earlierResult(cniVersion) }
      const { exitCode, stdout } = await host.call('ADD', container, { conf, ifname: 'eth1' })
      t.equal(exitCode, 0, stdout)
      const told = JSON.parse(stdout) as Record<string, unknown>
      if (cniVersion < '0.3') t.match(told['ip4'], { ip: EARLIER_IP.address, gateway: EARLIER_IP.gateway })
      else {
        const earlier = earlierResult(cniVersion) as Record<string, unknown[]>
        const lists = told as Record<string, Record<string, unknown>[]>
        t.same(lists['interfaces']?.[0], earlier['interfaces']?.[0])
        t.same(lists['ips']?.[0], earlier['ips']?.[0])
        t.same(lists['routes']?.[0], earlier['routes']?.[0])
        t.same(told['dns'], { domain: 'lan' })
        const ours = lists['ips']?.[1]
        t.equal(ours?.['interface'], 3, 'our index counts its interfaces')
        t.match(lists['interfaces']?.[3], { name: 'eth1', sandbox: container.path })
        // The metric of an interface's routes is the number in its name.
        t.equal(lists['routes']?.[1]?.['priority'], cniVersion === '1.1.0' ? 1 : undefined)
      }
      isSilent(t, await host.del(container, { conf, ifname: 'eth1' }), 'DEL')
      t.same(await host.remains(), [])
    })
  }
}) // prettier-ignore

// Configurations that look odd but are valid, each added and deleted.
const odd: [string, CallOptions][] = [
  ['keys of the protocol in Go’s letter case',
    { conf: { RuntimeConfig: { IPs: ['10.87.1.44'] }, DNS: { Nameservers: ['10.87.1.1'] } } }],
  ['capabilities left on standard input',
    { conf: { capabilities: { ips: true, mac: true, portMappings: true } } }],
  ['null where Go has an empty list or map',
    { conf: { dns: { nameservers: null, search: null }, runtimeConfig: { ips: null, portMappings: null },
    args: null, capabilities: null, prevResult: null, ipam: null } }],
  ['empty capability arguments',
    { conf: { runtimeConfig: { PortMappings: [], IPs: [], dns: { Servers: null } } } }],
  ['the map of aliases that podman sends',
    { conf: { runtimeConfig: { aliases: { flatnet: ['alias', '0123456789ab'] } } } }],
  ['labels and other content of args',
    { conf: { args: { cni: { labels: [{ key: 'a', value: 'b' }] }, podman_labels: {} } } }],
  ['keys in foreign namespaces', { conf: { 'cni.dev/valid-attachments': [], 'example.com/x': 1 } }],
  ['ipam for display', { conf: { ipam: { type: 'flatnet-cni', ranges: [[{ subnet: '10.87.1.0/24' }]] } } }],
  ['arguments of a runtime with IgnoreUnknown',
    { args: 'IgnoreUnknown=1;K8S_POD_NAME=pod;K8S_POD_NAMESPACE=x' }],
  ['a semicolon at the end of the arguments', { args: 'IP=10.87.1.45;' }],
  ['a duplicate key, of which the last counts', { stdin: 'DUPLICATE' }],
  ['a megabyte of labels', { conf: { args: { cni: { labels: 'x'.repeat(1_000_000) } } } }],
] // prettier-ignore

t.test('ADD takes', { skip }, async (t) => {
  const host = await makeHost(t)
  const twice = JSON.stringify(host.conf()).replace('{', '{"name":"first",')
  for (const [name, options] of odd) {
    await t.test(name, async (t) => {
      const container = await host.container()
      const call = options.stdin === 'DUPLICATE' ? { stdin: twice } : options
      resultOf(await host.call('ADD', container, call))
      t.ok(await pings(container, '10.87.1.1'))
      isSilent(t, await host.del(container, call), 'DEL')
      t.same(await host.remains(), [])
    })
  }

  await t.test('dns and returns it in the result', async (t) => {
    const container = await host.container()
    const result = await host.add(container,
      { conf: { dns: { domain: 'lan', nameservers: ['192.0.2.1'], options: ['ndots:2'] } } })
    t.same(result.dns, { domain: 'lan', nameservers: ['192.0.2.1'], options: ['ndots:2'] })
    await host.del(container)
  })
}) // prettier-ignore

t.test('CNI_NETNS_OVERRIDE allows the host’s own namespace', { skip }, async (t) => {
  const host = await makeHost(t)
  const call = (override: string): Promise<Outcome> =>
    host.netns.exec([EXECUTABLE], {
      check: false,
      input: JSON.stringify(host.conf()),
      env: {
        CNI_COMMAND: 'ADD',
        CNI_CONTAINERID: 'own',
        CNI_IFNAME: 'eth9',
        CNI_NETNS: host.netns.path,
        CNI_NETNS_OVERRIDE: override,
      },
    })
  isRefused(t, await call(''), 8, /host's network namespace/)
  isRefused(t, await call('0'), 8, /host's network namespace/)
  for (const override of ['1', 'TRUE']) {
    const { stdout } = await call(override)
    t.notMatch(stdout, /host's network namespace/, 'the guard does not refuse it')
    const env = { CNI_COMMAND: 'DEL', CNI_CONTAINERID: 'own', CNI_IFNAME: 'eth9' }
    isSilent(t,
      await host.netns.exec([EXECUTABLE], { check: false, input: JSON.stringify(host.conf()), env }), 'DEL')
  }
  t.same(await host.remains(), [])
}) // prettier-ignore
