// Published ports: what answers at which address, tested with real connections.
import t from 'tap'
import type { Outcome } from '../../../../scripts/lab/run.ts'
import { addressOf, isRefused, isSilent, whyNoHost } from '../../../fixtures/host/cni.ts'
import { type Conf, DUAL_A, DUAL_POOL, makeHost, type TestHost } from '../../../fixtures/host/host.ts'
import { inhabit, type Netns } from '../../../fixtures/host/netns.ts'
import { sctpInit } from '../../../fixtures/traffic/sctp.ts'
import { ask, askInVain, serve } from '../../../fixtures/traffic/talk.ts'

const skip = whyNoHost()

/** Returns a configuration with these port mappings, as podman writes them. */
const publishing = (...portMappings: Conf[]): { conf: Conf } => ({
  conf: { runtimeConfig: { portMappings } },
})
const HTTP = { hostPort: 8080, containerPort: 80, protocol: 'tcp' }

/** Returns what the kernel has published. */
async function elements(host: TestHost): Promise<string> {
  const { stdout } = await host.netns.exec(['nft', 'list', 'table', 'ip', 'flatnet'])
  const maps = stdout.matchAll(/map ports(?:-at)? \{[^}]*elements = \{([^}]*)\}/g)
  return [...maps].map((match) => match[1]?.replaceAll(/\s+/g, ' ').trim()).join(', ')
}

t.test('a published port', { skip }, async (t) => {
  const host = await makeHost(t)
  const [web, neighbour] = [await host.container(), await host.container()]
  const result = await host.add(web, publishing(HTTP))
  const address = addressOf(result)
  const other = addressOf(await host.add(neighbour))
  await serve(t, web, 'web', { port: 80 })
  const gateway = '10.87.1.1'
  const cases: { from: Netns; name: string; at: string; says: string }[] = [
    { from: host.outside, name: 'from the LAN', at: '192.168.77.10', says: 'web <- 192.168.77.1' },
    { from: host.far, name: 'from another host over Nebula', at: '10.86.1.1', says: 'web <- 10.86.2.1' },
    { from: host.netns, name: 'from the host at 127.0.0.1', at: '127.0.0.1', says: `web <- ${gateway}` },
    { from: host.netns, name: 'from the host at 127.1.2.3', at: '127.1.2.3', says: `web <- ${gateway}` },
    { from: host.netns, name: 'from the host at its own', at: '192.168.77.10', says: 'web <- 192.168.77.10' },
    { from: neighbour, name: 'from a neighbour', at: '192.168.77.10', says: `web <- ${gateway}` },
    { from: neighbour, name: 'from a neighbour at the gateway', at: gateway, says: `web <- ${gateway}` },
    { from: web, name: 'from the container itself', at: '192.168.77.10', says: `web <- ${gateway}` },
    { from: neighbour, name: 'straight from a neighbour', at: address, says: 'refused' },
  ]
  for (const { from, name, at, says } of cases)
    t.equal(await ask(from, { address: at, port: 8080 }), says, name)
  t.equal(
    await ask(neighbour, { address, port: 80 }),
    `web <- ${other}`,
    'its own address and port still work',
  )

  await t.test('does not affect forwarded traffic', async (t) => {
    await serve(t, host.outside, 'outside', { address: '203.0.113.9', port: 8080 })
    await serve(t, host.far, 'far', { address: '10.87.2.10', port: 8080 })
    t.equal(await ask(neighbour, { address: '203.0.113.9', port: 8080 }), 'outside <- 192.168.77.10')
    t.equal(await ask(web, { address: '203.0.113.9', port: 8080 }), 'outside <- 192.168.77.10')
    t.equal(await ask(neighbour, { address: '10.87.2.10', port: 8080 }), `far <- ${other}`)
    t.equal(await ask(host.netns, { address: '203.0.113.9', port: 8080 }), 'outside <- 192.168.77.10')
  })

  await t.test('does not open the loopback of the host to containers', async (t) => {
    await serve(t, host.netns, 'private', { address: '127.0.0.1', port: 9000 })
    t.equal(await ask(host.netns, { port: 9000 }), 'private <- 127.0.0.1')
    // A container with NET_ADMIN can do this.
    await neighbour.exec(['sh', '-ec', 'echo 1 >/proc/sys/net/ipv4/conf/eth0/route_localnet'])
    await neighbour.batch([
      'address delete 127.0.0.1/8 dev lo',
      `route add 127.0.0.1/32 via ${gateway} src ${other}`,
    ])
    t.equal(await askInVain(neighbour, { port: 9000 }), 'silence')
  })

  await t.test('works on a new address of the host after the next ADD', async (t) => {
    await host.netns.batch(['address add 192.168.77.20/24 dev eth0'])
    await host.add(await host.container())
    t.equal(await ask(host.outside, { address: '192.168.77.20', port: 8080 }), 'web <- 192.168.77.1')
    await host.netns.batch(['address delete 192.168.77.20/24 dev eth0'])
    await host.add(await host.container())
    t.notMatch(
      (await host.netns.exec(['nft', 'list', 'set', 'ip', 'flatnet', 'local'])).stdout,
      '192.168.77.20',
    )
  })

  await t.test('is verified by CHECK', async (t) => {
    const check = (): Promise<Outcome> => host.call('CHECK', web, { conf: { prevResult: result } })
    isSilent(t, await check(), 'CHECK')
    await host.netns.exec(['nft', 'delete element ip flatnet ports { tcp . 8080 }'])
    isRefused(t, await check(), 107, /not or wrongly published: tcp \. 8080 : \S+ \. 80; flatnet-cni sync/)
    await host.netns.exec(['nft', 'add element ip flatnet ports { tcp . 8080 : 10.87.1.99 . 80 }'])
    isRefused(t, await check(), 107, /not or wrongly published/)
    await host.netns.exec(['nft', 'delete element ip flatnet ports { tcp . 8080 }'])
    await host.netns.exec(['nft', `add element ip flatnet ports { tcp . 8080 : ${address} . 80 }`])
  })

  await t.test('is restored by the next ADD after the ruleset was flushed', async (t) => {
    const before = await elements(host)
    await host.netns.exec(['nft', 'flush', 'ruleset'])
    t.equal(await ask(host.outside, { address: '192.168.77.10', port: 8080 }), 'refused')
    await host.add(await host.container())
    t.equal(await elements(host), before)
    t.equal(await ask(host.outside, { address: '192.168.77.10', port: 8080 }), 'web <- 192.168.77.1')
  })

  await t.test('is removed by DEL, which may be repeated', async (t) => {
    isSilent(t, await host.del(web), 'DEL')
    t.equal(await elements(host), '')
    isSilent(t, await host.del(web), 'DEL again')
    t.equal(await ask(host.outside, { address: '192.168.77.10', port: 8080 }), 'refused')
  })
})

t.test('a port on one address of the host', { skip }, async (t) => {
  const host = await makeHost(t)
  const [one, two, three] = [await host.container(), await host.container(), await host.container()]
  // go-cni's spelling.
  const at = (HostIP: string): { conf: Conf } =>
    publishing({ HostPort: 8080, ContainerPort: 80, Protocol: 'TCP', HostIP })
  await host.add(one, at('127.0.0.1'))
  await host.add(two, at('192.168.77.10'))
  await serve(t, one, 'one', { port: 80 })
  await serve(t, two, 'two', { port: 80 })
  t.equal(await ask(host.netns, { port: 8080 }), 'one <- 10.87.1.1')
  t.equal(await ask(host.netns, { address: '192.168.77.10', port: 8080 }), 'two <- 192.168.77.10')
  t.equal(await ask(host.outside, { address: '192.168.77.10', port: 8080 }), 'two <- 192.168.77.1')
  t.equal(
    await ask(host.far, { address: '10.86.1.1', port: 8080 }),
    'refused',
    'another address is not published',
  )
  isRefused(
    t,
    await host.call('ADD', three, at('0.0.0.0')),
    108,
    /tcp 0\.0\.0\.0:8080 is published for fn\S+ eth0/,
  )
  isRefused(
    t,
    await host.call('ADD', three, at('::')),
    7,
    /host address :: \(port 8080\) cannot be used: .*IPv4 only/,
  )
  isRefused(t, await host.call('ADD', three, at('host')), 7, /portMappings\[0\]\.hostIP: needs an address/)
  t.equal((await host.remains()).length, 6, 'a link, a lease and a record for each container')

  await t.test('that the host does not have is published with a warning', async (t) => {
    const { exitCode, stderr } = await host.call('ADD', three, at('192.168.77.99'))
    t.equal(exitCode, 0)
    t.match(
      stderr,
      /"warn".*address that this host does not have.*tcp 192\.168\.77\.99:8080 cannot be reached/,
    )
    await serve(t, three, 'three', { port: 80 })
    await host.netns.batch(['address add 192.168.77.99/24 dev eth0'])
    await host.add(await host.container())
    t.equal(await ask(host.outside, { address: '192.168.77.99', port: 8080 }), 'three <- 192.168.77.1')
  })
})

t.test('a port that is taken', { skip }, async (t) => {
  const host = await makeHost(t)
  const [one, two] = [await host.container(), await host.container()]
  await host.add(one, publishing(HTTP))

  await t.test("is refused with its holder's name, and nothing is left", async (t) => {
    const before = [await host.remains(), await elements(host)]
    isRefused(
      t,
      await host.call('ADD', two, publishing(HTTP)),
      108,
      new RegExp(`tcp 8080 is published for ${one.name} eth0 of network flatnet; choose another`),
    )
    t.same([await host.remains(), await elements(host)], before)
  })

  await t.test("belongs to the first of a container's two networks", async (t) => {
    // podman requests all ports of a container from each of its networks.
    await host.add(one, { ...publishing(HTTP), ifname: 'eth1' })
    isSilent(t, await host.del(one, { ifname: 'eth1' }), 'DEL')
    await serve(t, one, 'one', { port: 80 })
    t.equal(await ask(host.outside, { address: '192.168.77.10', port: 8080 }), 'one <- 192.168.77.1')
  })

  await t.test('moves to the next network when the first one is removed', async (t) => {
    await serve(t, one, 'one', { port: 80 })
    const address = addressOf(await host.add(one, { ...publishing(HTTP), ifname: 'eth1' }))
    isSilent(t, await host.del(one), 'DEL of the first')
    t.equal(await elements(host), `tcp . 8080 : ${address} . 80`)
    t.equal(await ask(host.outside, { address: '192.168.77.10', port: 8080 }), 'one <- 192.168.77.1')
    t.equal(await ask(host.netns, { address: '127.0.0.1', port: 8080 }), 'one <- 10.87.1.1')
    isRefused(t, await host.call('ADD', two, publishing(HTTP)), 108, /is published for \S+ eth1/)
    await host.netns.exec(['nft', 'flush', 'ruleset'])
    await host.add(one, publishing(HTTP))
    t.equal(await elements(host), `tcp . 8080 : ${address} . 80`, 'restored after a flush')
    isSilent(t, await host.del(one, { ifname: 'eth1' }), 'DEL of the second')
    t.match(await elements(host), /^tcp \. 8080 : \S+ \. 80$/)
    t.equal(await ask(host.outside, { address: '192.168.77.10', port: 8080 }), 'one <- 192.168.77.1')
  })

  await t.test("is free once its holder is dead, and the holder's late DEL does no harm", async (t) => {
    const { name } = (await host.netns.exec(['sh', '-c', 'ip -br link | grep -o "veth[0-9a-f]*"'])).stdout
      .split('\n')
      .map((link) => ({ name: link }))[0] ?? { name: '' }
    await host.netns.batch([`link delete ${name}`])
    await host.add(two, publishing({ ...HTTP, containerPort: 81 }))
    await serve(t, two, 'two', { port: 81 })
    isSilent(t, await host.del(one), 'DEL of the dead one')
    t.equal(await ask(host.outside, { address: '192.168.77.10', port: 8080 }), 'two <- 192.168.77.1')
  })
})

t.test('GC removes the ports of dead attachments', { skip }, async (t) => {
  const host = await makeHost(t)
  const [one, two] = [await host.container(), await host.container()]
  const result = await host.add(one, publishing(HTTP))
  await host.add(two, publishing({ ...HTTP, hostPort: 8081 }))
  inhabit(t, two)
  await host.netns.batch([`link delete ${result.interfaces[1]?.name ?? ''}`])
  isSilent(t, await host.ask('GC'), 'GC')
  t.match(await elements(host), /^tcp \. 8081 : \S+ \. 80$/)
})

t.test('UDP', { skip }, async (t) => {
  const host = await makeHost(t)
  const [one, two] = [await host.container(), await host.container()]
  const dns = publishing({ hostPort: 5353, containerPort: 53, protocol: 'udp' })
  const flow = { protocol: 'udp', address: '192.168.77.10', port: 5353, from: 44444 } as const
  const udp = { protocol: 'udp', port: 53 } as const

  await t.test('reaches a container added while packets were already arriving', async (t) => {
    t.equal(await ask(host.outside, flow), 'refused', 'the port is not published')
    await host.add(one, dns)
    await serve(t, one, 'one', udp)
    t.equal(await ask(host.outside, flow), 'one <- 192.168.77.1')
    t.equal(await ask(host.netns, { ...flow, address: '127.0.0.1' }), 'one <- 10.87.1.1', 'from the host')
    t.equal(await ask(one, { ...flow, from: 44445 }), 'one <- 10.87.1.1', 'from itself')
  })

  await t.test('goes to the next holder of the port, including continuing flows', async (t) => {
    isSilent(t, await host.del(one), 'DEL')
    await host.add(two, dns)
    await serve(t, two, 'two', udp)
    t.equal(await ask(host.outside, flow), 'two <- 192.168.77.1')
    t.equal(await ask(host.netns, { ...flow, address: '127.0.0.1' }), 'two <- 10.87.1.1', 'from the host')
  })

  await t.test('goes to a third holder as well', async (t) => {
    isSilent(t, await host.del(two), 'DEL')
    const three = await host.container()
    await host.add(three, dns)
    await serve(t, three, 'three', udp)
    t.equal(await ask(host.outside, flow), 'three <- 192.168.77.1')
  })
})

t.test('a range is published port by port', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  const range = Array.from({ length: 1000 }, (_, index) => ({
    hostPort: 20000 + index,
    containerPort: 30000 + index,
    protocol: 'tcp',
  }))
  await host.add(container, publishing(...range))
  await serve(t, container, 'last', { port: 30999 })
  t.equal(await ask(host.outside, { address: '192.168.77.10', port: 20999 }), 'last <- 192.168.77.1')

  await t.test('is restored after a flush of all rules or a part of them', async (t) => {
    const at = { address: '192.168.77.10', port: 20999 }
    for (const loss of [
      ['flush', 'ruleset'],
      ['flush', 'chain', 'ip', 'flatnet', 'ports'],
    ]) {
      await host.netns.exec(['nft', 'add table ip other'])
      await host.netns.exec(['nft', ...loss])
      t.equal(await ask(host.outside, at), 'refused')
      await host.add(await host.container())
      t.equal(await ask(host.outside, at), 'last <- 192.168.77.1', loss.join(' '))
    }
  })
  isSilent(t, await host.del(container), 'DEL')
  t.equal(await elements(host), '')
})

t.test('SCTP is translated', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  const address = addressOf(
    await host.add(container, publishing({ hostPort: 3868, containerPort: 3869, protocol: 'sctp' })),
  )
  await container.exec(['nft', '-f', '-'], {
    input: 'table ip seen { chain in { type filter hook input priority 0; sctp dport 3869 counter; }; }',
  })
  // The kernel translates only valid packets, so the checksum must be right.
  const script = [
    'use Socket; socket(S, AF_INET, SOCK_RAW, 132) or die $!;',
    `send(S, pack("H*", "${sctpInit(5555, 3868).toString('hex')}"), 0, ` +
      'sockaddr_in(0, inet_aton("192.168.77.10"))) or die $!;',
  ]
  await host.outside.exec(['perl', '-e', script.join('\n')])
  const { stdout } = await container.exec(['nft', 'list', 'chain', 'ip', 'seen', 'in'])
  t.match(stdout, /counter packets [1-9]/, `arrived at ${address}`)
})

t.test('an invalid mapping is refused by name', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  const cases: [Conf, RegExp][] = [
    [
      { ...HTTP, hostPort: 0 },
      /runtimeConfig\.portMappings\[0\]\.hostPort: needs a port from 1 to 65535, got 0/,
    ],
    [{ ...HTTP, containerPort: 65536 }, /containerPort: .* got 65536/],
    [{ ...HTTP, protocol: 'icmp' }, /protocol: needs tcp, udp or sctp, got "icmp"/],
  ]
  for (const [mapping, says] of cases)
    isRefused(t, await host.call('ADD', container, publishing(mapping)), 7, says)
  t.same(await host.remains(), [])
})

t.test('with two families', { skip }, async (t) => {
  const host = await makeHost(t, { dual: true, certificate: DUAL_A })
  const [web, six, neighbour] = [await host.container(), await host.container(), await host.container()]
  const dual = (...mappings: Conf[]): { conf: Conf } => ({
    conf: { pool: DUAL_POOL, ...publishing(...mappings).conf },
  })
  await host.add(web, dual(HTTP, { hostPort: 5353, containerPort: 53, protocol: 'udp' }))
  await host.add(six, dual({ ...HTTP, hostPort: 8081, hostIP: '::' }))
  await host.add(neighbour, dual())
  await serve(t, web, 'web', { port: 80 })
  await serve(t, web, 'web', { protocol: 'udp', port: 53 })
  await serve(t, six, 'six', { port: 80 })
  const gateway = 'fd87:0:0:1::1'
  const cases: { from: Netns; name: string; at: string; port?: number; says: string }[] = [
    { from: host.outside, name: 'IPv4', at: '192.168.77.10', says: 'web <- 192.168.77.1' },
    { from: host.outside, name: 'IPv6', at: 'fd77::10', says: 'web <- fd77::1' },
    { from: host.far, name: 'IPv6 over Nebula', at: 'fd86::1:1', says: 'web <- fd86::2:1' },
    { from: host.netns, name: 'IPv6 from the host', at: 'fd77::10', says: 'web <- fd77::10' },
    { from: neighbour, name: 'IPv6 from a neighbour', at: 'fd77::10', says: `web <- ${gateway}` },
    { from: web, name: 'IPv6 from itself', at: 'fd77::10', says: `web <- ${gateway}` },
    { from: host.netns, name: 'IPv6 loopback, at once', at: '::1', says: 'refused' },
    { from: host.outside, name: ':: is IPv6', at: 'fd77::10', port: 8081, says: 'six <- fd77::1' },
    { from: host.outside, name: ':: is not IPv4', at: '192.168.77.10', port: 8081, says: 'refused' },
  ]
  for (const { from, name, at, port = 8080, says } of cases)
    t.equal(await ask(from, { address: at, port }), says, name)

  await t.test('UDP flows over IPv6 follow their port as well', async (t) => {
    const flow = { protocol: 'udp', address: 'fd77::10', port: 5353, from: 44444 } as const
    t.equal(await ask(host.outside, flow), 'web <- fd77::1')
    isSilent(t, await host.del(web, dual()), 'DEL')
    const next = await host.container()
    await host.add(next, dual({ hostPort: 5353, containerPort: 53, protocol: 'udp' }))
    await serve(t, next, 'next', { protocol: 'udp', port: 53 })
    t.equal(await ask(host.outside, flow), 'next <- fd77::1')
  })
})
