// flatnet-ipam: Debian's bridge, ptp and macvlan get their addresses from the host's certificate.
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Outcome, waitUntil } from '../../../../scripts/lab/run.ts'
import {
  addressOf,
  callPlugin,
  EXECUTABLE,
  isRefused,
  isSilent,
  resultOf,
  type Verb,
  whyNoHost,
} from '../../../fixtures/host/cni.ts'
import {
  type CallOptions,
  type Conf,
  DUAL_A,
  DUAL_POOL,
  makeHost,
  type TestHost,
} from '../../../fixtures/host/host.ts'
import { type Netns, pings, removeNetns, show } from '../../../fixtures/host/netns.ts'

const DEBIAN = '/usr/lib/cni'
const skip = whyNoHost() || (existsSync(join(DEBIAN, 'bridge')) ? false : `no reference plugins in ${DEBIAN}`)

interface Delegating {
  readonly call: (verb: Verb, container: Netns, options?: CallOptions) => Promise<Outcome>
  readonly conf: (ipam?: Conf, rest?: Conf) => Conf
}

/** Calls a reference plugin that delegates to us; CNI_PATH has our executable under the name of the type. */
function delegating(host: TestHost, type: string, keys: Conf): Delegating {
  const path = join(host.folder, 'cni')
  mkdirSync(path, { recursive: true })
  if (!existsSync(join(path, 'flatnet-ipam'))) symlinkSync(EXECUTABLE, join(path, 'flatnet-ipam'))
  const { nebula, stateDir, runDir } = host.conf()
  const conf = (ipam: Conf = {}, rest: Conf = {}): Conf => ({
    cniVersion: '1.0.0',
    name: 'lan',
    type,
    ...keys,
    ipam: { type: 'flatnet-ipam', nebula, stateDir, runDir, ...ipam },
    ...rest,
  })
  const call = (verb: Verb, container: Netns, { conf: over, ...rest }: CallOptions = {}) =>
    callPlugin(host.netns, verb, {
      containerID: container.name,
      netns: container.path,
      stdin: JSON.stringify(over ?? conf()),
      plugin: join(DEBIAN, type),
      path: `${path}:${DEBIAN}`,
      ...rest,
    })
  return { call, conf }
}

/** Asserts that a reference plugin failed with our error, which it prints in its own form. */
function isPassedOn(t: Test, { exitCode, stdout }: Outcome, code: number, says: RegExp): void {
  const error = JSON.parse(stdout) as { code?: number; msg?: string; details?: string }
  t.equal(exitCode, 1)
  t.equal(error.code, code, stdout)
  t.match(`${String(error.msg)}: ${String(error.details)}`, says)
}

const BRIDGE = { bridge: 'lan0', isGateway: true }

t.test('Debian’s bridge', { skip }, async (t) => {
  const host = await makeHost(t)
  const bridge = delegating(host, 'bridge', BRIDGE)

  for (const cniVersion of ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0']) {
    await t.test(`gets its address from us in version ${cniVersion}`, async (t) => {
      const container = await host.container()
      const conf = bridge.conf({}, { cniVersion })
      const { exitCode, stdout } = await bridge.call('ADD', container, { conf })
      t.equal(exitCode, 0, stdout)
      const told = JSON.parse(stdout) as { ip4?: { ip: string; gateway: string }; ips?: unknown[] }
      if (cniVersion < '0.3') t.match(told.ip4, { ip: /^10\.87\.1\.\d+\/24$/, gateway: '10.87.1.1' })
      else t.match(told.ips, [{ address: /^10\.87\.1\.\d+\/24$/, gateway: '10.87.1.1' }])
      t.ok(await pings(container, '10.87.1.1'), 'its gateway')
      const routes = await show<{ dst: string; gateway?: string }>(container, ['route', 'show'])
      t.ok(routes.some(({ dst, gateway }) => dst === 'default' && gateway === '10.87.1.1'),
        'the default route')
      isSilent(t, await bridge.call('DEL', container, { conf }), 'DEL')
      isSilent(t, await bridge.call('DEL', container, { conf }), 'DEL again')
      t.same(await left(host), [])
    })
  }

  await t.test('verifies its address', async (t) => {
    const container = await host.container()
    const prevResult = resultOf(await bridge.call('ADD', container))
    const conf = bridge.conf({}, { prevResult })
    isSilent(t, await bridge.call('CHECK', container, { conf }), 'CHECK')
    rmSync(join(host.stateDir, 'leases', addressOf(prevResult)))
    isPassedOn(t, await bridge.call('CHECK', container, { conf }), 107,
      /the lease of 10\.87\.1\.\d+\/24 is gone/)
    isSilent(t, await bridge.call('DEL', container), 'DEL')
  })

  await t.test('gets the given address, and reserved ones are refused', async (t) => {
    const container = await host.container()
    const asked = await bridge.call('ADD', container,
      { args: 'IgnoreUnknown=1;IP=10.87.1.5;MAC=02:00:00:00:00:05' })
    t.equal(addressOf(resultOf(asked)), '10.87.1.5')
    await bridge.call('DEL', container)
    for (const [ip, says] of [
      ['10.87.1.1', /is the bridge of/],
      ['10.87.1.2', /probes/],
      ['10.87.1.255', /broadcast/],
      ['192.0.2.5', /outside/],
    ] as const) {
      isPassedOn(t, await bridge.call('ADD', container, { args: `IgnoreUnknown=1;IP=${ip}` }), 7, says)
      // It leaves its link for the DEL that the runtime must send.
      isSilent(t, await bridge.call('DEL', container), 'DEL')
    }
    t.same(await left(host), [])
  })

  await t.test('installs our routes, and its own default route takes precedence', async (t) => {
    const container = await host.container()
    const routes = [{ dst: '0.0.0.0/0', gw: '10.87.1.77' }, { dst: '192.0.2.0/24' }]
    const result = resultOf(await bridge.call('ADD', container, { conf: bridge.conf({ routes }) }))
    t.match(result.routes, [{ dst: '0.0.0.0/0', gw: '10.87.1.77' }, { dst: '192.0.2.0/24' }])
    t.equal(result.routes.length, 2)
    isSilent(t, await bridge.call('DEL', container, { conf: bridge.conf({ routes }) }), 'DEL')
  })

  await t.test('reports invalid keys of ipam', async (t) => {
    const conf = bridge.conf({ mtu: 1300 })
    const container = await host.container()
    isPassedOn(t, await bridge.call('ADD', container, { conf }), 2, /^key without effect: ipam\.mtu: 1300/)
    isSilent(t, await bridge.call('DEL', container, { conf }), 'DEL works anyway')
  })

  await t.test('gets no second address while the first is in use, and the same one after its namespace ended',
    async (t) => {
    const container = await host.container()
    const first = addressOf(resultOf(await bridge.call('ADD', container)))
    const again = delegating(host, 'bridge', BRIDGE)
    isRefused(t, await again.call('ADD', container, { plugin: EXECUTABLE }), 105, /attachment exists/)
    removeNetns(container.name)
    const next = await host.container()
    const second = resultOf(await bridge.call('ADD', next, { containerID: container.name }))
    t.equal(addressOf(second), first)
    isSilent(t, await bridge.call('DEL', next, { containerID: container.name }), 'DEL')
    await waitUntil('the kernel to end the namespace', 10_000, async () => (await left(host)).length === 0)
  })

  await t.test('shares the subnet with flatnet-cni, but never an address', async (t) => {
    const [one, two] = [await host.container(), await host.container()]
    const ours = addressOf(await host.add(one))
    const theirs = addressOf(resultOf(await bridge.call('ADD', two)))
    t.not(ours, theirs)
    await host.del(one)
    await bridge.call('DEL', two)
  })
}) // prettier-ignore

t.test('Debian’s ptp', { skip }, async (t) => {
  const host = await makeHost(t)
  const ptp = delegating(host, 'ptp', {})
  const container = await host.container()
  const result = resultOf(await ptp.call('ADD', container))
  t.match(addressOf(result), /^10\.87\.1\.10$/)
  t.ok(await pings(container, '10.87.1.1'))
  isSilent(t, await ptp.call('CHECK', container, { conf: ptp.conf({}, { prevResult: result }) }), 'CHECK')
  isSilent(t, await ptp.call('DEL', container), 'DEL')
  t.same(await left(host), [])
})

t.test('Debian’s macvlan', { skip }, async (t) => {
  const host = await makeHost(t)
  const macvlan = delegating(host, 'macvlan', { master: 'eth0' })
  const [one, two] = [await host.container(), await host.container()]
  const outcome = await macvlan.call('ADD', one)
  if (/not supported/i.test(outcome.stdout)) {
    t.pass('Debian’s macvlan', { skip: 'this kernel has no macvlan' })
    return
  }
  t.equal(addressOf(resultOf(outcome)), '10.87.1.10')
  const second = addressOf(resultOf(await macvlan.call('ADD', two)))
  t.ok(await pings(one, second), 'its neighbour answers')
  isSilent(t, await macvlan.call('DEL', one, { netns: '' }), 'DEL without a namespace')
  isSilent(t, await macvlan.call('DEL', two), 'DEL')
  t.same(await left(host), [])
})

t.test('both families of a dual-stack host', { skip }, async (t) => {
  const host = await makeHost(t, { certificate: DUAL_A, dual: true })
  const bridge = delegating(host, 'bridge', BRIDGE)
  const container = await host.container()
  const conf = bridge.conf({ pool: DUAL_POOL })
  const result = resultOf(await bridge.call('ADD', container, { conf }))
  t.match(result.ips, [
    { address: '10.87.1.10/24', gateway: '10.87.1.1' },
    { address: 'fd87:0:0:1::a/64', gateway: 'fd87:0:0:1::1' },
  ])
  t.ok(await pings(container, 'fd87:0:0:1::1'))
  isSilent(t, await bridge.call('DEL', container, { conf }), 'DEL')
  t.same(await left(host), [])
})

t.test('verbs that the reference plugins do not pass on', { skip }, async (t) => {
  const host = await makeHost(t)
  const bridge = delegating(host, 'bridge', BRIDGE)
  const ask = (verb: Verb, ipam: Conf = {}, rest: Conf = {}) =>
    bridge.call(verb, host.far, {
      plugin: EXECUTABLE,
      conf: bridge.conf(ipam, { cniVersion: '1.1.0', ...rest }),
    })
  const container = await host.container()
  const result = resultOf(await bridge.call('ADD', container))

  await t.test('an IPAM result has no interfaces', async (t) => {
    const other = await host.container()
    const told = resultOf(await bridge.call('ADD', other, { plugin: EXECUTABLE }))
    t.notOk('interfaces' in told)
    t.same(told.ips, [{ address: told.ips[0]?.address, gateway: '10.87.1.1' }])
    isSilent(t, await bridge.call('DEL', other, { plugin: EXECUTABLE }), 'DEL')
  })

  await t.test('STATUS judges certificate and free addresses, not links', async (t) => {
    await host.netns.batch(['link set nebula1 down'])
    isSilent(t, await ask('STATUS'), 'Nebula is down')
    const nebula = { ca: join(host.folder, 'ca.crt'), cert: '/no/such' }
    isRefused(t, await ask('STATUS', { nebula }), 50, /host certificate missing/)
  })

  await t.test('GC keeps what is used and removes the rest', async (t) => {
    isSilent(t, await ask('GC'), 'GC in its first minute')
    t.ok((await left(host)).includes(addressOf(result)))
    removeNetns(container.name)
    isSilent(t,
      await ask('GC', {}, { 'cni.dev/valid-attachments': [{ containerID: container.name, ifname: 'eth0' }] }),
      'GC with it listed')
    t.ok((await left(host)).includes(addressOf(result)))
    isSilent(t, await ask('GC'), 'GC')
    t.same(await left(host), [])
  })
}) // prettier-ignore

async function left(host: TestHost): Promise<readonly string[]> {
  return (await host.remains()).filter((name) => name !== 'lan0')
}
