// A container that poses as a router does not become its host's default route.

import t from 'tap'
import { waitUntil } from '../../../../scripts/lab/run.ts'
import { whyNoHost } from '../../../fixtures/host/cni.ts'
import { type Conf, DUAL_A, DUAL_POOL, type HostOptions, makeHost } from '../../../fixtures/host/host.ts'
import { show } from '../../../fixtures/host/netns.ts'
import { advertiseRouter } from '../../../fixtures/traffic/router-advertisement.ts'

const hosts: [string, HostOptions, Conf][] = [
  ['with IPv4 only', {}, {}],
  ['with both families', { dual: true, certificate: DUAL_A }, { pool: DUAL_POOL }],
]
for (const [which, options, conf] of hosts) {
  t.test(`router advertisements on a host ${which}`, { skip: whyNoHost() }, async (t) => {
    const host = await makeHost(t, options)
    const container = await host.container()
    const learnt = async (): Promise<readonly string[]> =>
      (await show<{ dev: string; protocol: string }>(host.netns, ['-6', 'route', 'show', 'default']))
        .filter(({ protocol }) => protocol === 'ra')
        .map(({ dev }) => dev)
    await host.add(container, { conf })
    await waitUntil('the container to advertise itself', 60_000, () => advertiseRouter(container, 'eth0'))
    // Packets arrive in order, so the container's advertisement has arrived as well.
    await waitUntil('the real router to be heard', 60_000, async () => {
      await advertiseRouter(host.outside, 'eth0')
      return (await learnt()).includes('eth0')
    })
    t.same(await learnt(), ['eth0'])

    await t.test('router advertisements while the bridge is missing', async (t) => {
      await host.netns.batch(['link delete flatnet0'])
      await waitUntil('the container to advertise itself', 60_000, () => advertiseRouter(container, 'eth0'))
      await host.netns.exec(['ip', '-6', 'route', 'flush', 'proto', 'ra'])
      await waitUntil('the real router to be heard', 60_000, async () => {
        await advertiseRouter(host.outside, 'eth0')
        return (await learnt()).includes('eth0')
      })
      t.same(await learnt(), ['eth0'])
    })
  })
}
