// Calls flatnet-cni as netavark calls a network driver: what podman 5 is told, and what exists afterwards.

import t from 'tap'
import type { ContainersView } from '../../../src/views/containers.ts'
import { addressOf, EXECUTABLE, isSilent, whyNoHost } from '../../fixtures/host/cni.ts'
import { makeHost } from '../../fixtures/host/host.ts'
import {
  addressIn,
  blockOf,
  callNetavark,
  inputOf,
  interrupted,
  isRefusal,
  networkOf,
  setUp,
  setUpUnread,
  tearDown,
} from '../../fixtures/runtimes/netavark/calls.ts'
import { type Netns, pings, show } from '../../fixtures/host/netns.ts'
import { ask, serve } from '../../fixtures/traffic/talk.ts'
import { run } from '../../../scripts/lab/run.ts'

const skip = whyNoHost()

const link = async (netns: Netns, dev: string): Promise<{ mac: string; addresses: string[] } | undefined> => {
  const [found] = await show<{ address: string; addr_info: { local: string; prefixlen: number }[] }>(netns, [
    'address',
    'show',
    'dev',
    dev,
  ])
  if (found === undefined) return undefined
  const addresses = found.addr_info.map(({ local, prefixlen }) => `${local}/${String(prefixlen)}`)
  return { mac: found.address, addresses: addresses.filter((address) => !address.startsWith('fe80')) }
}

t.test('setup creates what ADD creates, teardown removes it', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  const neighbour = addressOf(await host.add(await host.container()))
  const before = await host.remains()
  const wish = {
    options: {
      interface_name: 'net0',
      static_ips: ['10.87.1.40', '10.87.1.40'],
      static_mac: '02:00:00:00:00:07',
      aliases: ['www', container.name.slice(0, 4)],
    },
    container: {
      container_name: 'web',
      port_mappings: [{ container_port: 80, host_ip: '', host_port: 8080, protocol: 'tcp', range: 1 }],
    },
  }
  const block = blockOf(t, await setUp(host, container, wish))
  t.same(block, {
    interfaces: {
      net0: {
        mac_address: '02:00:00:00:00:07',
        subnets: [{ ipnet: '10.87.1.40/24', gateway: '10.87.1.1' }],
      },
    },
    dns_server_ips: [],
    dns_search_domains: [],
  })
  t.same(await link(container, 'net0'), { mac: '02:00:00:00:00:07', addresses: ['10.87.1.40/24'] })
  t.ok(await pings(container, neighbour), "a CNI runtime's container on the same bridge answers")
  t.ok(await pings(container, '10.87.2.10'), 'a container of another host answers')
  await serve(t, container, 'web', { port: 80 })
  const answer = await ask(host.outside, { address: '192.168.77.10', port: 8080 })
  t.match(answer, /^web <- /, 'its port is published')
  const { containers } = JSON.parse((await host.cli(['ps', '--json'])).stdout) as ContainersView
  const found = containers.find(({ id }) => id === container.name)
  t.match(found, { names: ['web', 'www'], network: 'flatnet', ifname: 'net0', state: 'up' })

  for (const time of ['once', 'twice'])
    isSilent(t, await tearDown(host, container, wish), `teardown, ${time}`)
  t.equal(await link(container, 'net0'), undefined)
  t.same(await host.remains(), before, 'the other container keeps its port')
})

t.test('the same container in the same namespace is replaced', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  const ports = [{ container_port: 80, host_ip: '', host_port: 8080, protocol: 'tcp', range: 1 }]
  const first = blockOf(t, await setUp(host, container, { container: { port_mappings: ports } }))
  const second = blockOf(t, await setUp(host, container))
  t.same(second, first, 'it keeps its address')
  t.ok(await pings(container, '10.87.2.10'), 'it is connected')
  await serve(t, container, 'web', { port: 80 })
  const answer = await ask(host.outside, { address: '192.168.77.10', port: 8080 })
  t.match(answer, /refused|silence/, 'the earlier port is closed')
  isSilent(t, await tearDown(host, container), 'teardown')
  t.same(await host.remains(), [])
})

t.test('an address stays with its container in another namespace', { skip }, async (t) => {
  const host = await makeHost(t)
  const [one, other, again] = [await host.container(), await host.container(), await host.container()]
  const wish = { container: { container_id: 'web' } }
  const address = addressIn(blockOf(t, await setUp(host, one, wish)))
  isSilent(t, await tearDown(host, one, wish), 'stopped')
  const another = addressIn(blockOf(t, await setUp(host, other)))
  t.not(another, address, 'another container gets a different address')
  t.equal(addressIn(blockOf(t, await setUp(host, again, wish))), address, 'started again: the same address')
  // podman was killed: no teardown is called, and the old link still exists.
  t.equal(addressIn(blockOf(t, await setUp(host, one, wish))), address, 'the same address without a teardown')
  t.equal(await link(again, 'eth0'), undefined, 'the old namespace has lost it')
})

t.test('a container of podman 4 keeps its address', { skip }, async (t) => {
  const host = await makeHost(t)
  const [old, other, container] = [await host.container(), await host.container(), await host.container()]
  const id = '4'.repeat(64)
  const args = `IgnoreUnknown=1;K8S_POD_NAME=web`
  const address = addressOf(await host.add(old, { containerID: id, args }))
  // podman 4 was replaced while the container ran: DEL was never called, and podman 5 starts it in another
  // namespace.
  const wish = { container: { container_id: id } }
  t.not(addressIn(blockOf(t, await setUp(host, other))), address)
  t.equal(addressIn(blockOf(t, await setUp(host, container, wish))), address)
  t.equal(await link(old, 'eth0'), undefined, 'the old namespace has lost it')
  isSilent(t, await tearDown(host, container, wish), 'teardown')
  // In this case podman 4 stopped the container first.
  addressOf(await host.add(old, { containerID: id, args }))
  isSilent(t, await host.del(old, { containerID: id }), 'DEL')
  t.equal(addressIn(blockOf(t, await setUp(host, container, wish))), address)
})

t.test('teardown succeeds in every state of the container', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  const paths: [string, string][] = [
    ['an unknown container', container.path],
    ['a dangling path', '/run/netns/gone'],
    ["the host's own namespace", '/proc/self/ns/net'],
    ['no path', ''],
  ]
  for (const [what, path] of paths)
    isSilent(t, await callNetavark(host, ['teardown', path], inputOf(host, container)), what)
  blockOf(t, await setUp(host, container))
  const { options } = networkOf(host) as { options: Record<string, string> }
  const broken = { network: { options: { ...options, colour: 'blue', mtu: 'x' }, internal: true } }
  isSilent(t, await tearDown(host, container, broken), 'options that setup would refuse')
  t.same(await host.remains(), [])
})

t.test('a refusal is one text, and nothing is left', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  const before = await host.remains()
  const refused: [Parameters<typeof inputOf>[2], RegExp][] = [
    [
      { options: { static_ips: ['10.87.1.1'] } },
      /requested address cannot be used: 10\.87\.1\.1 is the bridge/,
    ],
    [{ options: { static_ips: ['10.87.2.9'] } }, /outside 10\.87\.1\.0\/24/],
    [{ options: { static_ips: ['fd87::9'] } }, /fd87::9 is outside 10\.87\.1\.0\/24/],
    [{ options: { options: { foo: 'bar' } } }, /unknown option: foo=bar/],
    [{ network: { ipam_options: { driver: 'host-local' } } }, /ipam driver/],
    [
      { network: { subnets: [{ subnet: '10.87.9.0/24', lease_range: { start_ip: '10.87.9.20' } }] } },
      /address range: 10\.87\.9\.20 to 10\.87\.9\.255 is outside this host's subnet/,
    ],
    [
      {
        container: {
          port_mappings: [{ container_port: 80, host_ip: '::1', host_port: 8080, protocol: 'tcp', range: 1 }],
        },
      },
      /published ports: host address ::1 \(port 8080\) cannot be used: containers have IPv4 only/,
    ],
  ]
  for (const [wish, says] of refused) isRefusal(t, await setUp(host, container, wish), says)
  const gone = await callNetavark(host, ['setup', '/run/netns/gone'], inputOf(host, container))
  isRefusal(t, gone, /namespace=\/run\/netns\/gone: does not exist/)
  const own = await callNetavark(host, ['setup', '/proc/self/ns/net'], inputOf(host, container))
  isRefusal(t, own, /is the host's network namespace/)
  isRefusal(t, await callNetavark(host, ['setup', container.path], '{'), /not valid JSON: input of netavark/)
  await container.batch(['link add eth0 type veth peer name eth9'])
  isRefusal(t, await setUp(host, container), /^interface exists: eth0 is in/)
  const broken = { ...networkOf(host), options: { 'nebula.ca': `${host.folder}/\n"証明書".crt` } }
  isRefusal(t, await setUp(host, container, { network: broken }), /\n"証明書"\.crt/)
  const long = { ...networkOf(host), options: { ['証'.repeat(10_000)]: '' } }
  isRefusal(t, await setUp(host, container, { network: long }), /証{10000}/)
  t.same(await host.remains(), before, 'no link, no lease and no record is left')
})

t.test('an answer that cannot be delivered is undone', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  t.equal(await setUpUnread(host, container), 1)
  t.same(await host.remains(), [])
  t.equal(await link(container, 'eth0'), undefined)
})

t.test('Ctrl-C leaves no partial attachment', { skip }, async (t) => {
  const host = await makeHost(t)
  for (const afterMs of [0, 40, 80, 120, 160, 240]) {
    const container = await host.container()
    const input = inputOf(host, container)
    const up = await interrupted(host, ['setup', container.path], input, afterMs)
    if (up.stdout === '') t.same(await host.remains(), [], `setup, after ${String(afterMs)} ms: nothing`)
    else t.match(up.stdout, /^\{"interfaces"/, `setup, after ${String(afterMs)} ms: everything is there`)
    // Before the executable starts, the signal ends nsenter; that leaves everything as it was.
    const there = await host.remains()
    const down = await interrupted(host, ['teardown', container.path], input, afterMs)
    if (down.exitCode === null) t.same(await host.remains(), there, 'teardown did not begin')
    else t.same(await host.remains(), [], `teardown, after ${String(afterMs)} ms: nothing is left`)
    isSilent(t, await tearDown(host, container), 'teardown can be repeated')
  }
})

t.test('create answers from the certificate and changes nothing', { skip }, async (t) => {
  const host = await makeHost(t)
  const plain = {
    ...networkOf(host),
    subnets: undefined,
    dns_enabled: true,
    ipam_options: undefined,
    later: 1,
  }
  const made = await callNetavark(host, ['create'], plain)
  t.same({ exitCode: made.exitCode, stderr: made.stderr }, { exitCode: 0, stderr: '' })
  t.match(JSON.parse(made.stdout), {
    name: 'flatnet',
    dns_enabled: false,
    ipam_options: { driver: 'none' },
    subnets: [{ subnet: '10.87.1.0/24', gateway: '10.87.1.1' }],
    later: 1,
  })
  const without = {
    ...plain,
    options: { ...(plain as { options?: object }).options, 'nebula.cert': '/none.crt' },
  }
  const early = await callNetavark(host, ['create'], without)
  t.match(JSON.parse(early.stdout), { dns_enabled: false, ipam_options: { driver: 'none' } })
  t.match(
    early.stderr,
    /^flatnet-cni: containers can start once .*\/none\.crt.*\n?$/,
    'one line says what is missing',
  )
  const asked = { ...without, subnets: [{ subnet: '10.87.1.0/24' }] }
  isRefusal(t, await callNetavark(host, ['create'], asked), /host certificate.*\/none\.crt/)
  const labels = Object.fromEntries(
    Array.from({ length: 2000 }, (_, index) => [`label-${String(index)}`, 'x'.repeat(40)]),
  )
  isRefusal(
    t,
    await callNetavark(host, ['create'], { ...plain, labels }),
    /network too long: .*leave out labels/,
  )
  t.same(await host.remains(), [], 'no lease and no link')
  t.same(await show(host.netns, ['link', 'show', 'dev', 'flatnet0']), [], 'no bridge')
})

t.test('calls typed by people', { skip }, async (t) => {
  const info = await run([EXECUTABLE, 'info'], { check: false })
  t.match(JSON.parse(info.stdout), { version: /^\d+\.\d+\.\d+/, api_version: '1.0.0' })
  for (const verb of ['create', 'setup', 'teardown']) {
    // /dev/null is a character device, as a terminal is.
    const typed = await run([EXECUTABLE, verb], { check: false })
    t.same({ exitCode: typed.exitCode, stdout: typed.stdout }, { exitCode: 2, stdout: '' })
    t.match(typed.stderr, /podman calls/)
  }
})

t.test('calls from a user namespace', { skip }, async (t) => {
  const host = await makeHost(t)
  const argv = ['unshare', '--user', '--map-root-user', '--net', EXECUTABLE]
  for (const verb of ['create', 'setup']) {
    const rootless = await run([...argv, verb, '/run/netns/x'], {
      check: false,
      input: JSON.stringify(inputOf(host, await host.container())),
    })
    t.match(rootless.stdout, /"error":"(root is needed: .*sudo podman|invalid configuration: name)/, verb)
  }
})
