// What ADD does to packets: masquerade, segment size, and other firewalls that drop by default. Real packets
// show it.
import t from 'tap'
import { addressOf, isSilent, whyNoHost } from '../../../fixtures/host/cni.ts'
import { makeHost } from '../../../fixtures/host/host.ts'
import { type Netns, pings } from '../../../fixtures/host/netns.ts'
import { noteSources, takeSources } from '../../../fixtures/traffic/sources.ts'

const skip = whyNoHost()

t.test('masquerade', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  const address = addressOf(await host.add(container))
  await noteSources(host.far)
  await noteSources(host.outside)

  await t.test("hides the container's address from the outside", async (t) => {
    t.ok(await pings(container, '203.0.113.9'))
    t.same(await takeSources(host.outside), ['192.168.77.10'])
  })

  await t.test("keeps the container's address towards containers of other hosts", async (t) => {
    t.ok(await pings(container, '10.87.2.10'))
    t.same(await takeSources(host.far), [address])
  })

  await t.test("keeps the container's address towards the overlay network", async (t) => {
    t.ok(await pings(container, '10.86.2.1'))
    t.same(await takeSources(host.far), [address])
  })

  await t.test("keeps the container's address towards other hosts on the gateway path", async (t) => {
    await host.outside.batch([
      'address add 10.87.2.10/32 dev lo',
      `route add ${address}/32 via 192.168.77.10`,
    ])
    await host.netns.batch(['route delete 10.87.2.0/24 via 10.86.2.1 dev nebula1 metric 100'])
    t.ok(await pings(container, '10.87.2.10'))
    t.same(await takeSources(host.outside), [address])
  })

  await t.test("keeps the container's address towards its neighbours on the host", async (t) => {
    const neighbour = await host.container()
    const there = addressOf(await host.add(neighbour))
    await noteSources(neighbour)
    t.ok(await pings(container, there))
    t.same(await takeSources(neighbour), [address])
  })

  await t.test('is restored by the next ADD after the ruleset was flushed', async (t) => {
    await host.netns.exec(['nft', 'flush', 'ruleset'])
    await host.add(await host.container())
    t.ok(await pings(container, '203.0.113.9'))
    t.same(await takeSources(host.outside), ['192.168.77.10'])
  })

  await t.test('can be switched off', async (t) => {
    await host.add(await host.container(), { conf: { ipMasq: false } })
    await pings(container, '203.0.113.9')
    t.same(await takeSources(host.outside), [address])
  })
})

t.test("ADD leaves other programs' rules alone and writes its own once", { skip }, async (t) => {
  const host = await makeHost(t)
  const rule = 'add table ip mine; add chain ip mine c; add rule ip mine c counter comment "keep"'
  await host.netns.exec(['nft', rule])
  const ruleset = async (): Promise<string> =>
    (await host.netns.exec(['nft', '-s', 'list', 'ruleset'])).stdout
  await host.add(await host.container())
  const first = await ruleset()
  t.match(first, /table ip mine \{.*\s+chain c \{.*\s+counter comment "keep"/)
  t.match(first, /table ip flatnet \{/)
  await host.add(await host.container())
  t.equal(await ruleset(), first)
})

t.test("TCP's segment size is lowered to what Nebula can carry", { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  // A container with a larger MTU than the nebula link announces too large a segment size.
  await host.add(container, { conf: { mtu: 1500 } })
  await host.far.exec(['nft', '-f', '-'], {
    input: `table ip seen { chain input { type filter hook input priority 0;
      tcp flags syn / syn,ack tcp option maxseg size 1260 counter
      tcp flags syn / syn,ack tcp option maxseg size != 1260 counter
    }
    }`,
  })
  // Nothing listens there: only the SYN matters.
  await container.exec(['bash', '-c', 'echo >/dev/tcp/10.87.2.10/80'], { check: false })
  const { stdout } = await host.far.exec(['nft', 'list', 'chain', 'ip', 'seen', 'input'])
  t.same(stdout.match(/counter packets \d+/g), ['counter packets 1', 'counter packets 0'])
})

t.test('with iptables dropping forwarded packets', { skip }, async (t) => {
  const cases = [
    { name: 'by the policy of FORWARD', chain: 'FORWARD', before: [] },
    {
      name: 'and Docker has its chain for administrators',
      chain: 'DOCKER-USER',
      before: ['-N DOCKER-USER', '-A DOCKER-USER -j RETURN', '-I FORWARD -j DOCKER-USER'],
    },
    {
      name: 'and nothing jumps to that chain',
      chain: 'FORWARD',
      before: ['-N DOCKER-USER', '-A DOCKER-USER -j RETURN'],
    },
  ]
  for (const { name, chain, before } of cases) {
    await t.test(name, async (t) => {
      const host = await makeHost(t)
      const iptables = async (args: string): Promise<string> =>
        (await host.netns.exec(['iptables', ...args.split(' ')])).stdout
      for (const args of [...before, '-P FORWARD DROP']) await iptables(args)
      const container = await host.container()
      const address = addressOf(await host.add(container))
      t.ok(await pings(container, '10.87.2.10'), 'from the container')
      t.ok(await pings(host.far, address), 'to the container')
      t.ok(await pings(container, '203.0.113.9'), 'to the outside')
      await host.add(await host.container())
      const listing = await iptables('-S')
      const ours = listing.split('\n').filter((line) => line.includes('flatnet0'))
      t.equal(ours.length, 2, `in and out, once each: ${listing}`)
      t.ok(
        ours.every((line) => line.startsWith(`-A ${chain} `)),
        `in ${chain}`,
      )
      t.match(listing, /^-P FORWARD DROP$/m, 'the policy stays')
      await iptables('-A FORWARD -i eth9 -j ACCEPT')
      isSilent(t, await host.del(container), 'DEL')
    })
  }
})

t.test('a policy set after the first ADD is noticed by the next', { skip }, async (t) => {
  const host = await makeHost(t)
  const container = await host.container()
  await host.add(container)
  await host.netns.exec(['iptables', '-P', 'FORWARD', 'DROP'])
  await host.add(await host.container())
  t.ok(await pings(container, '10.87.2.10'))
})

t.test('two networks on two bridges keep their rules apart', { skip }, async (t) => {
  const host = await makeHost(t)
  const [one, two] = [await host.container(), await host.container()]
  await host.add(one)
  // Only one bridge can use a subnet's gateway address, so this looks at the rules alone.
  await host.add(two, { conf: { name: 'second', bridge: 'flatnet9' } })
  const chains = async (netns: Netns): Promise<readonly string[]> =>
    (await netns.exec(['nft', 'list', 'table', 'ip', 'flatnet'])).stdout.match(/chain \S+-flatnet\d/g) ?? []
  t.same((await chains(host.netns)).toSorted(), [
    'chain forward-flatnet0',
    'chain forward-flatnet9',
    'chain nat-flatnet0',
    'chain nat-flatnet9',
  ])
})
