// An address moves to a container with another MAC: everything that knew the earlier MAC reaches the new
// container.

import t from 'tap'
import { waitUntil } from '../../../../scripts/lab/run.ts'
import { addressOf, isSilent, whyNoHost } from '../../../fixtures/host/cni.ts'
import { type Conf, DUAL_A, DUAL_POOL, type HostOptions, makeHost } from '../../../fixtures/host/host.ts'
import { type Netns, pings, show } from '../../../fixtures/host/netns.ts'

const skip = whyNoHost()
const [EARLIER, LATER] = ['02:11:22:33:44:01', '02:11:22:33:44:02']

const macIn = async (cache: Netns, address: string): Promise<string | undefined> =>
  (await show<{ dst: string; lladdr?: string }>(cache, ['neighbour', 'show'])).find(
    ({ dst }) => dst === address,
  )?.lladdr

const families: [string, HostOptions, Conf, readonly string[]][] = [
  ['IPv4', {}, {}, ['10.87.1.70']],
  [
    'both families',
    { dual: true, certificate: DUAL_A },
    { pool: DUAL_POOL },
    ['10.87.1.70', 'fd87:0:0:1::70'],
  ],
]
for (const [family, options, own, ips] of families) {
  t.test(`an address moves to another MAC, ${family}`, { skip }, async (t) => {
    const host = await makeHost(t, options)
    const [neighbour, earlier, later] = [
      await host.container(),
      await host.container(),
      await host.container(),
    ]
    const conf = (mac: string) => ({ conf: { ...own, runtimeConfig: { ips, mac } } })
    await host.add(neighbour, { conf: own })
    const given = await host.add(earlier, conf(EARLIER))
    t.same(
      ips.map((_, index) => addressOf(given, index)),
      ips,
    )
    for (const each of [neighbour, host.netns])
      for (const ip of ips) {
        t.ok(await pings(each, ip))
        t.equal(await macIn(each, ip), EARLIER, `${ip} is known with its earlier MAC`)
      }
    isSilent(t, await host.del(earlier), 'DEL')

    await host.add(later, conf(LATER))
    for (const ip of ips) t.equal(await macIn(host.netns, ip), LATER, `the host to learn the MAC of ${ip}`)
    // Sends nothing in between, which would make the neighbour doubt its entry.
    for (const ip of ips) {
      await waitUntil(
        `the neighbour to learn ${ip}`,
        60_000,
        async () => (await macIn(neighbour, ip)) === LATER,
      )
      for (const each of [neighbour, host.netns]) t.ok(await pings(each, ip), ip)
    }
  })
}
