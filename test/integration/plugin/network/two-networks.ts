// A container that had another network before ours: which default route counts, and which path answers take.
import t from 'tap'
import { addressOf, isSilent, whyNoHost } from '../../../fixtures/host/cni.ts'
import { DUAL_A, DUAL_POOL, makeHost } from '../../../fixtures/host/host.ts'
import { show } from '../../../fixtures/host/netns.ts'
import { ask, serve } from '../../../fixtures/traffic/talk.ts'

const skip = whyNoHost()
const conf = {
  pool: DUAL_POOL,
  runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] },
}

t.test('the container already has another network’s default route', { skip }, async (t) => {
  const host = await makeHost(t, { dual: true, certificate: DUAL_A })
  for (const ifname of ['eth0', 'eth1', 'net0']) {
    await t.test(`ours is ${ifname}`, async (t) => {
      const container = await host.container()
      await container.batch([
        'link add name other type veth peer name far',
        'address add 10.99.0.2/24 dev other',
        'address add fd99::2/64 dev other nodad',
        'link set other up',
        'link set far up',
        'route add default via 10.99.0.1',
        'route add default via fd99::1',
      ])
      const result = await host.add(container, { conf, ifname })
      for (const [family, to] of [
        ['-4', '203.0.113.9'],
        ['-6', '2001:db8::9'],
      ] as const) {
        const [first] = await show<{ dev: string }>(container, [family, 'route', 'get', to])
        t.equal(first?.dev, 'other', `${family}: the first default route counts`)
      }
      for (const to of ['10.87.2.10', 'fd87:0:0:2::a']) {
        const [pool] = await show<{ dev: string }>(container, ['route', 'get', to])
        t.equal(pool?.dev, ifname, 'the pool is reached through our network')
      }
      await serve(t, container, 'here', { port: 80 })
      t.equal(await ask(host.outside, { address: '192.168.77.10', port: 8080 }), 'here <- 192.168.77.1')
      t.equal(await ask(host.outside, { address: 'fd77::10', port: 8080 }), 'here <- fd77::1')
      isSilent(
        t,
        await host.call('CHECK', container, { conf: { ...conf, prevResult: result }, ifname }),
        'CHECK',
      )
      isSilent(t, await host.del(container, { conf, ifname }), 'DEL')
      const again = await host.add(container, { conf, ifname })
      t.equal(addressOf(again), addressOf(result), 'a second ADD in the same namespace gives the same')
      isSilent(t, await host.del(container, { conf, ifname }), 'DEL')
    })
  }
})
