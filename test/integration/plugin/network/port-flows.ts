// What the kernel remembers of connections to a published port after that port was withdrawn, passed on or
// changed. It sends each packet of a known connection where the first one went, and a client may reuse its
// source port.
import t from 'tap'
import { addressOf, isSilent, whyNoHost } from '../../../fixtures/host/cni.ts'
import { type Conf, DUAL_A, DUAL_POOL, makeHost, type TestHost } from '../../../fixtures/host/host.ts'
import type { Netns } from '../../../fixtures/host/netns.ts'
import { sctpInit } from '../../../fixtures/traffic/sctp.ts'
import { ask, serve } from '../../../fixtures/traffic/talk.ts'

const skip = whyNoHost()
const ADDRESS = '10.87.1.60'
const OUTSIDE = '192.168.77.10'
const DNS = { hostPort: 5353, containerPort: 53, protocol: 'udp' }

/** Returns a configuration with this container address and these port mappings. */
const publishing = (ips: readonly string[], ...portMappings: Conf[]): { conf: Conf } => ({
  conf: { runtimeConfig: { ips, portMappings } },
})

/** Makes a new container at that address. */
async function holder(host: TestHost, ...portMappings: Conf[]): Promise<Netns> {
  const container = await host.container()
  await host.add(container, publishing([`${ADDRESS}/24`], ...portMappings))
  return container
}

// Long enough for the slowest machine: an entry that has expired would prove nothing.
async function rememberLong(host: TestHost): Promise<void> {
  const names = ['udp_timeout', 'udp_timeout_stream', 'tcp_timeout_fin_wait', 'tcp_timeout_close_wait']
  const sctp = ['cookie_wait', 'cookie_echoed'].map((state) => `sctp_timeout_${state}`)
  const lines = [...names, ...sctp].map(
    (name) => `[ ! -e nf_conntrack_${name} ] || echo 3600 >nf_conntrack_${name}`,
  )
  await host.netns.exec(['sh', '-ec', ['cd /proc/sys/net/netfilter', ...lines].join('\n')])
}

/** Counts the packets of one kind that arrive in a container. Returns a function that returns the number. */
async function countArrivals(container: Netns, match: string): Promise<() => Promise<number>> {
  await container.exec(['nft', '-f', '-'], {
    input: `table inet seen { chain in { type filter hook input priority 0; ${match} counter; }; }`,
  })
  return async () => {
    const { stdout } = await container.exec(['nft', 'list', 'chain', 'inet', 'seen', 'in'])
    return Number(/counter packets (\d+)/.exec(stdout)?.[1])
  }
}

t.test('a withdrawn UDP port does not reach the next container with that address', { skip }, async (t) => {
  const host = await makeHost(t)
  await rememberLong(host)
  const neighbour = await host.container()
  await host.add(neighbour)
  const one = await holder(host, DNS, { ...DNS, hostPort: 5354, hostIP: OUTSIDE })
  await serve(t, one, 'one', { protocol: 'udp', port: 53 })
  const clients = [
    { from: host.outside, address: OUTSIDE, port: 5353, name: 'the LAN' },
    { from: host.outside, address: OUTSIDE, port: 5354, name: 'the LAN, a port of one address' },
    { from: host.far, address: '10.86.1.1', port: 5353, name: 'another host' },
    { from: host.netns, address: '127.0.0.1', port: 5353, name: 'the host itself' },
    { from: host.netns, address: OUTSIDE, port: 5353, name: 'the host at its own address' },
    { from: neighbour, address: OUTSIDE, port: 5353, name: 'a neighbour' },
  ].map((client, index) => ({ ...client, local: 44440 + index }))
  const answers = async (): Promise<string[]> => {
    const heard: string[] = []
    for (const { from, address, port, local } of clients)
      heard.push(await ask(from, { protocol: 'udp', address, port, from: local }))
    return heard.map((text) => text.replace(/ <-.*/, ''))
  }
  t.same(
    await answers(),
    clients.map(() => 'one'),
  )
  isSilent(t, await host.del(one), 'DEL')
  const two = await holder(host)
  await serve(t, two, 'two', { protocol: 'udp', port: 53 })
  t.same(
    await answers(),
    clients.map(() => 'refused'),
    clients.map(({ name }) => name).join(', '),
  )

  await t.test('and the port is the host’s own again', async (t) => {
    const stop = await serve(t, host.netns, 'host', { protocol: 'udp', port: 5353 })
    const flow = { protocol: 'udp', address: OUTSIDE, port: 5353, from: 44440 } as const
    t.equal(await ask(host.outside, flow), 'host <- 192.168.77.1')
    await stop()
  })
})

t.test('after a change of the container port a known client reaches the new one', { skip }, async (t) => {
  const host = await makeHost(t)
  await rememberLong(host)
  const flow = { protocol: 'udp', address: OUTSIDE, port: 5353, from: 44444 } as const
  for (const containerPort of [53, 54, 53]) {
    const container = await holder(host, { ...DNS, containerPort })
    await serve(t, container, `at ${String(containerPort)}`, { protocol: 'udp', port: containerPort })
    t.equal(await ask(host.outside, flow), `at ${String(containerPort)} <- 192.168.77.1`)
    isSilent(t, await host.del(container), 'DEL')
  }
})

t.test('a TCP connection that was never closed does not reach the old container', { skip }, async (t) => {
  const host = await makeHost(t)
  await rememberLong(host)
  const http = { hostPort: 8080, containerPort: 80, protocol: 'tcp' }
  const one = await holder(host, http)
  await serve(t, one, 'one', { port: 80 })
  // The client disappears silently; the kernel keeps its connection for days.
  await host.outside.exec(['nft', '-f', '-'], {
    input:
      'table ip mute { chain out { type filter hook output priority 0; ' +
      'tcp flags & (fin | rst) != 0 drop; }; }',
  })
  const flow = { address: OUTSIDE, port: 8080, from: 44444 }
  t.equal(await ask(host.outside, flow), 'one <- 192.168.77.1')
  isSilent(t, await host.del(one), 'DEL')
  const two = await holder(host)
  await serve(t, two, 'two', { port: 80 })
  const arrived = await countArrivals(two, 'tcp dport 80')
  t.equal(await ask(host.outside, flow), 'refused')
  t.equal(await arrived(), 0)
  await host.del(two)
  await serve(t, await holder(host, http), 'three', { port: 80 })
  t.equal(
    await ask(host.outside, flow),
    'three <- 192.168.77.1',
    'the next container to publish the port is reached',
  )
})

t.test('an SCTP association does not reach the old container', { skip }, async (t) => {
  const host = await makeHost(t)
  await rememberLong(host)
  const one = await holder(host, { hostPort: 3868, containerPort: 3869, protocol: 'sctp' })
  const packet = sctpInit(5555, 3868).toString('hex')
  const script = [
    'use Socket; socket(S, AF_INET, SOCK_RAW, 132) or die $!;',
    `send(S, pack("H*", "${packet}"), 0, sockaddr_in(0, inet_aton("${OUTSIDE}"))) or die $!;`,
  ].join('\n')
  const arrivedAtOne = await countArrivals(one, 'sctp dport 3869')
  await host.outside.exec(['perl', '-e', script])
  t.equal(await arrivedAtOne(), 1)
  isSilent(t, await host.del(one), 'DEL')
  const two = await holder(host)
  const arrivedAtTwo = await countArrivals(two, 'sctp dport 3869')
  await host.outside.exec(['perl', '-e', script])
  // This packet follows the other on the same links: once it is there, the other has arrived or never will.
  await host.outside.exec(['ping', '-c', '1', '-W', '10', OUTSIDE])
  t.equal(await arrivedAtTwo(), 0)
})

t.test('an ICMP error about a published port reaches the container', { skip }, async (t) => {
  const host = await makeHost(t)
  await rememberLong(host)
  const one = await holder(host, DNS, { ...DNS, hostPort: 5354, hostIP: OUTSIDE })
  for (const [index, port] of [5353, 5354].entries()) {
    const local = 44444 + index
    const stop = await serve(t, one, 'one', { protocol: 'udp', port: 53 })
    t.equal(
      await ask(host.outside, { protocol: 'udp', address: OUTSIDE, port, from: local }),
      'one <- 192.168.77.1',
    )
    await stop()
    // An answer that comes after the client has gone: its host replies "port unreachable" (RFC 792).
    t.equal(await ask(one, { protocol: 'udp', address: '192.168.77.1', port: local, from: 53 }), 'refused')
  }
})

t.test('the same over IPv6', { skip }, async (t) => {
  const host = await makeHost(t, { dual: true, certificate: DUAL_A })
  await rememberLong(host)
  const ips = ['10.87.1.60/24', 'fd87:0:0:1::60/64']
  const dual = (...mappings: Conf[]): { conf: Conf } => ({
    conf: { ...publishing(ips, ...mappings).conf, pool: DUAL_POOL },
  })
  const [one, two] = [await host.container(), await host.container()]
  const result = await host.add(one, dual(DNS))
  t.match(addressOf(result), ADDRESS)
  const stop = await serve(t, one, 'one', { protocol: 'udp', port: 53 })
  const flow = { protocol: 'udp', address: 'fd77::10', port: 5353, from: 44444 } as const
  t.equal(await ask(host.outside, flow), 'one <- fd77::1')
  await stop()
  t.equal(await ask(one, { protocol: 'udp', address: 'fd77::1', port: 44444, from: 53 }), 'refused', 'ICMPv6')
  isSilent(t, await host.del(one, dual()), 'DEL')
  await host.add(two, dual())
  await serve(t, two, 'two', { protocol: 'udp', port: 53 })
  t.equal(await ask(host.outside, flow), 'refused')
})
