// nerdctl's sequence for one container: DEL without a namespace, ADD, and at the end DEL without a namespace.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { start, waitUntil } from '../../../scripts/lab/run.ts'
import { type AddResult, addressOf } from '../../fixtures/host/cni.ts'
import { DUAL_A, DUAL_POOL, makeHost, type TestHost } from '../../fixtures/host/host.ts'
import {
  type HookCall,
  type Network,
  newFullID,
  remove,
  setup,
  startProcess,
  whyNoNerdctl,
} from '../../fixtures/runtimes/nerdctl.ts'

const CONFLIST = join(import.meta.dirname, '../../../conflist/10-flatnet.conflist')
const ARGS = { IgnoreUnknown: '1', NERDCTL_CNI_DHCP_HOSTNAME: 'web' }
// go-cni's types have no JSON tags, hence the capitals.
const PORTS = { portMappings: [{ HostPort: 8080, ContainerPort: 80, Protocol: 'tcp', HostIP: '0.0.0.0' }] }
/** Another network of the same container: the reference bridge with its own addresses. */
function otherOn(host: TestHost): Network {
  const ranges = [[{ subnet: '10.99.0.0/24' }]]
  const ipam = { type: 'host-local', ranges, dataDir: join(host.folder, 'host-local') }
  return { cniVersion: '1.0.0', name: 'other', plugins: [{ type: 'bridge', bridge: 'br-other', ipam }] }
}

/** Returns the conflist that we ship, with the test host's files. */
function flatnetOn(host: TestHost, overrides: Readonly<Record<string, unknown>> = {}): Network {
  const list = JSON.parse(readFileSync(CONFLIST, 'utf8')) as Network
  const ours = host.conf(overrides)
  return {
    ...list,
    plugins: list.plugins.map((plugin) =>
      plugin['type'] === 'flatnet-cni' ? { ...ours, ...plugin } : plugin,
    ),
  }
}

async function pageAt(host: TestHost, address: string): Promise<string> {
  const get = ['curl', '-s', '-m', '3', `http://${address}/`]
  return (await host.outside.exec(get, { check: false })).stdout
}

t.test('nerdctl', { skip: whyNoNerdctl() }, async (t) => {
  await t.test('the life of a container with a published port', async (t) => {
    const host = await makeHost(t)
    const network = flatnetOn(host)
    const container = await startProcess(t)
    const call: HookCall = { host: host.netns, fullID: newFullID(), args: ARGS, capabilities: PORTS }

    await remove(network, call)
    const result = await setup(network, container, call)
    t.match(result.ips, [{ address: '10.87.1.10/24', gateway: '10.87.1.1', interface: 2 }])
    t.match(result.interfaces[2], { name: 'eth0', sandbox: container.netns })

    const reply = 'HTTP/1.0 200 OK\\r\\n\\r\\nhello'
    const server = `require('node:net').createServer((s) => s.end('${reply}')).listen(80, '0.0.0.0')`
    const running = start(['nsenter', `--net=${container.netns}`, process.execPath, '-e', server])
    t.teardown(() => running.kill())
    await waitUntil('the published port to answer', 10_000, async () => {
      return (await pageAt(host, '192.168.77.10:8080')) === 'hello'
    })
    running.kill()
    await running
    await container.end()
    await remove(network, { ...call, args: {} }, result)
    t.same(await host.remains(), [])
    const { stdout } = await host.netns.exec(['nft', 'list', 'ruleset'])
    t.notMatch(stdout, addressOf(result))
    await remove(network, { ...call, args: {} }, result)
  })

  await t.test('a container started again, with or without DEL, gets the same address', async (t) => {
    const host = await makeHost(t)
    const network = flatnetOn(host)
    const call: HookCall = { host: host.netns, fullID: newFullID(), args: ARGS }
    let result: AddResult | undefined
    for (const isEnded of [true, false, true]) {
      const container = await startProcess(t)
      await remove(network, call, result)
      result = await setup(network, container, call)
      t.equal(addressOf(result), '10.87.1.10')
      await container.end()
      if (isEnded) await remove(network, { ...call, args: {} }, result)
    }
    t.same(await host.remains(), [])
  })

  await t.test('the order of CNI_ARGS does not matter, and --ip is applied', async (t) => {
    const host = await makeHost(t)
    const network = flatnetOn(host)
    const args = { ...ARGS, IP: '10.87.1.77' }
    for (let round = 0; round < 6; round += 1) {
      const container = await startProcess(t)
      const call: HookCall = { host: host.netns, fullID: newFullID(), args }
      const result = await setup(network, container, call)
      t.equal(addressOf(result), '10.87.1.77')
      await container.end()
      await remove(network, call, result)
    }
  })

  await t.test('--ip6 arrives as the capability ips', async (t) => {
    const host = await makeHost(t, { certificate: DUAL_A, dual: true })
    const network = flatnetOn(host, { pool: DUAL_POOL })
    const container = await startProcess(t)
    const capabilities = { ips: ['fd87:0:0:1::77'] }
    const call: HookCall = { host: host.netns, fullID: newFullID(), args: ARGS, capabilities }
    const result = await setup(network, container, call)
    t.match(result.ips, [{ address: '10.87.1.10/24' }, { address: 'fd87:0:0:1::77/64' }])
    await remove(network, { ...call, args: {} }, result)
    t.same(await host.remains(), [])
  })

  await t.test('lists that Go encodes as null are empty lists', async (t) => {
    const host = await makeHost(t)
    const network = flatnetOn(host, { dns: { nameservers: null, search: null, options: null } })
    const [ours, ...rest] = network.plugins
    const declared = { ips: true, mac: true, dns: true, portMappings: true }
    const nulls: Network = { ...network, plugins: [{ ...ours, capabilities: declared }, ...rest] }
    const capabilities = {
      ips: null,
      mac: '',
      dns: { Servers: null, Searches: null, Options: null },
      portMappings: null,
    }
    const container = await startProcess(t)
    const call: HookCall = { host: host.netns, fullID: newFullID(), args: ARGS, capabilities }
    const result = await setup(nulls, container, call)
    t.equal(addressOf(result), '10.87.1.10')
    await remove(nulls, call, result)
    t.same(await host.remains(), [])
  })

  await t.test('a process that died before its ADD leaves nothing', async (t) => {
    const host = await makeHost(t)
    const network = flatnetOn(host)
    const container = await startProcess(t)
    await container.end()
    const call: HookCall = { host: host.netns, fullID: newFullID(), args: ARGS }
    await t.rejects(setup(network, container, call), /"code":3,"msg":"container namespace gone"/)
    await remove(network, call)
    t.same(await host.remains(), [])
  })
})

/**
 * Adds or deletes both networks of one container together, the first as eth0, like go-cni's Setup and Remove.
 */
async function lifeOnTwo(t: Test, host: TestHost, networks: readonly Network[]): Promise<string[]> {
  const container = await startProcess(t)
  const fullID = newFullID()
  const each = networks.map((network, index) => {
    return { network, call: { host: host.netns, fullID, args: ARGS, ifname: `eth${String(index)}` } }
  })
  await Promise.all(each.map(({ network, call }) => remove(network, call)))
  const results = await Promise.all(each.map(({ network, call }) => setup(network, container, call)))
  await container.end()
  await Promise.all(each.map(({ network, call }, index) => remove(network, call, results[index])))
  return results.map((result) => addressOf(result))
}

t.test(
  'nerdctl with two networks, added together and with the same CNI_ARGS',
  { skip: whyNoNerdctl() },
  async (t) => {
    await t.test('with a network of another plugin', async (t) => {
      const host = await makeHost(t)
      t.same(await lifeOnTwo(t, host, [flatnetOn(host), otherOn(host)]), ['10.87.1.10', '10.99.0.2'])
      t.same(await host.remains(), ['br-other'], 'the other plugin leaves its bridge')
    })

    await t.test('two networks of ours each assign an address', async (t) => {
      const host = await makeHost(t)
      const networks = [flatnetOn(host), { ...flatnetOn(host), name: 'flatnet2' }]
      const addresses = await lifeOnTwo(t, host, networks)
      t.same(addresses.toSorted(), ['10.87.1.10', '10.87.1.11'])
      t.same(await host.remains(), [])
    })

    await t.test('an --ip of the other network is refused by name, and nothing is left', async (t) => {
      const host = await makeHost(t)
      const container = await startProcess(t)
      const call: HookCall = { host: host.netns, fullID: newFullID(), args: { ...ARGS, IP: '10.99.0.7' } }
      await t.rejects(setup(flatnetOn(host), container, call), /10\.99\.0\.7 is outside 10\.87\.1\.0\/24/)
      await remove(flatnetOn(host), call)
      t.same(await host.remains(), [])
    })
  },
)
