// The agent's reconcile restores what others changed on the bridge, and leaves alone what may be intended.

import t from 'tap'
import { holdRoutes } from '../../fixtures/agent/holder.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { makeHost } from '../../fixtures/host/host.ts'
import { pings, show } from '../../fixtures/host/netns.ts'

interface Shown {
  readonly address: string
  readonly linkinfo: {
    readonly info_data: { readonly stp_state: number }
    readonly info_slave_data?: { readonly state: string }
  }
}

t.test('a bridge changed by other programs', { skip: whyNoHost() }, async (t) => {
  const host = await makeHost(t)
  const holder = await holdRoutes(t, host)
  const look = async (...args: string[]): Promise<Shown | undefined> =>
    (await show<Shown>(host.netns, ['-details', 'link', 'show', ...args]))[0]
  const stp = async (): Promise<number | undefined> =>
    (await look('dev', 'flatnet0'))?.linkinfo.info_data.stp_state
  const setting = async (name: string, value?: string): Promise<string> => {
    const path = `/proc/sys/net/ipv6/conf/flatnet0/${name}`
    if (value !== undefined) await host.netns.exec(['sh', '-c', `echo ${value} >${path}`])
    return (await host.netns.exec(['cat', path])).stdout
  }
  await holder.tell({ do: 'prepare' })

  await t.test('spanning tree is switched off, and a waiting container becomes reachable', async (t) => {
    // 30 s of listening and 30 s of learning, the longest that the kernel allows.
    await host.netns.batch(['link set flatnet0 type bridge stp_state 1 forward_delay 3000'])
    const container = await host.container()
    await host.add(container, { conf: holder.conf })
    t.equal((await look('master', 'flatnet0'))?.linkinfo.info_slave_data?.state, 'listening')
    await holder.tell({ do: 'prepare' })
    t.equal(await stp(), 0)
    t.equal((await look('master', 'flatnet0'))?.linkinfo.info_slave_data?.state, 'forwarding')
    t.ok(await pings(container, '10.87.1.1'))
  })

  await t.test('the MAC address and router advertisements are restored', async (t) => {
    await host.netns.batch(['link set flatnet0 address 02:00:00:00:00:07'])
    await setting('accept_ra', '2')
    await holder.tell({ do: 'prepare' })
    t.equal((await look('dev', 'flatnet0'))?.address, '0a:58:0a:57:01:01')
    t.equal(await setting('accept_ra'), '0')
  })

  await t.test('spanning tree stays on a bridge with other ports', async (t) => {
    await host.netns.batch([
      'tuntap add dev other9 mode tap',
      'link set other9 master flatnet0',
      'link set flatnet0 type bridge stp_state 1',
    ])
    await holder.tell({ do: 'prepare' })
    t.equal(await stp(), 1)
  })
})
