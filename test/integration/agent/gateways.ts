// The three kinds of gateway with real Nebula: the default route's hop, the peer's own address on a shared
// LAN, and a host inside Nebula whose certificate contains the pool.
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { addContainer } from '../../../scripts/bench/failover/container.ts'
import { startAgent, stopAgent } from '../../../scripts/lab/host/agent.ts'
import { signCertificate } from '../../../scripts/lab/nebula/certificates.ts'
import { waitForNebula } from '../../../scripts/lab/network/faults.ts'
import { pkiFolder } from '../../../scripts/lab/lab.ts'
import type { LabHost } from '../../../scripts/lab/host/lab-host.ts'
import { HOST_NEBULA, startNebula, stopNebula } from '../../../scripts/lab/nebula/nebula.ts'
import type { Place } from '../../../scripts/lab/host/place.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { run, waitUntil } from '../../../scripts/lab/run.ts'
import { NEBULA_PORT } from '../../../scripts/lab/topology.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import { countPackets } from '../../fixtures/traffic/packet-count.ts'
import {
  pathsOf,
  PATIENCE_MS,
  pings,
  routesOf,
  SHORT_WAITS,
  waitForPath,
  writeSettings,
} from '../../fixtures/lab/agents.ts'

const LAN = { a: '198.18.0.101', b: '198.18.0.102' } as const

t.test('three hosts', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({ name: `tagentgate${process.pid}`, hosts: 3, podman: false })
  t.teardown(() => lab.down())
  const [a, b, c] = [lab.host('a'), lab.host('b'), lab.host('c')]
  const [from, to] = [await addContainer(a, 'gate-a'), await addContainer(b, 'gate-b')]

  /** Runs the agents with these settings and cuts the direct path once. */
  const fallAndReturn = async (
    t: Test,
    settingsOf: (host: LabHost, peer: LabHost) => object,
    isOurs: (route: string) => boolean,
    by: { readonly place: Place; readonly link: string },
  ): Promise<void> => {
    await writeSettings(a.files, { ...settingsOf(a, b), agent: SHORT_WAITS })
    await writeSettings(b.files, { ...settingsOf(b, a), agent: SHORT_WAITS })
    await Promise.all([startAgent(a), startAgent(b)])
    await waitForPath(a, b, 'direct')
    t.ok((await routesOf(a)).some(isOurs), (await routesOf(a)).join('\n'))
    await waitUntil('the gateway path to answer', PATIENCE_MS, async () => {
      return ((await pathsOf(a)).get('host-b')?.gateway.received ?? 0) > 2
    }).catch(async (error: unknown) =>
      t.fail(String(error), { view: (await pathsOf(a)).get('host-b'), routes: await routesOf(a) }),
    )
    const match = `iifname "${by.link}" ip saddr ${from.address} ip daddr ${to.address}`
    const seen = await countPackets(t, by.place, match)
    await digHole(a, b)
    await waitForPath(a, b, 'gateway')
    t.ok((await routesOf(a)).some(isOurs), 'the gateway route stays')
    t.ok(await pings(a, from.enter, to.address), 'traffic takes the gateway path')
    t.ok((await seen()) > 0, 'through the configured gateway')
    await fillHole(a, b)
    await waitForPath(a, b, 'direct')
    t.ok(await pings(a, from.enter, to.address))
    await Promise.all([stopAgent(a), stopAgent(b)])
  }

  await t.test("the default route's hop, as in WSL2", async (t) => {
    const { subnet } = b.plan.v4
    await fallAndReturn(
      t,
      () => ({}),
      (route) => route.startsWith(`${subnet} via ${a.plan.v4.windows} dev eth0`),
      { place: a.windows, link: 'vEthernet' },
    )
  })

  await t.test("the peer's address on the LAN, as in mirrored mode", async (t) => {
    for (const host of [a, b]) {
      const letter = host.plan.letter as 'a' | 'b'
      const plug = `flat-${letter}`
      await run([
        'ip',
        '-n',
        lab.topology.lanNetns,
        'link',
        'add',
        plug,
        'type',
        'veth',
        'peer',
        'name',
        'eth1',
        'netns',
        host.plan.netns,
      ])
      await run(['ip', '-n', lab.topology.lanNetns, 'link', 'set', plug, 'master', 'lan0', 'up'])
      await host.exec(['ip', '-batch', '-'], {
        input: `address add ${LAN[letter]}/24 dev eth1\nlink set eth1 up\n`,
      })
    }
    const lanOf = (host: LabHost): string => LAN[host.plan.letter as 'a' | 'b']
    await fallAndReturn(
      t,
      (_, peer) => ({ peerGateways: { [peer.plan.v4.overlay]: lanOf(peer) } }),
      (route) => route.startsWith(`10.87.2.0/24 via ${LAN.b} dev eth1`),
      { place: b, link: 'eth1' },
    )
  })

  await t.test('a host inside Nebula whose certificate has the pool', async (t) => {
    const pki = pkiFolder(lab)
    await run(['rm', join(pki, 'host-c.crt'), join(pki, 'host-c.key')])
    await signCertificate(pki, lab.record.nebula, false, {
      name: 'host-c',
      networks: [`${c.plan.v4.overlay}/16`],
      subnets: ['10.87.0.0/16'],
    })
    await copyFile(join(pki, 'host-c.crt'), join(c.files, 'own/etc/nebula/host.crt'))
    await copyFile(join(pki, 'host-c.key'), join(c.files, 'own/etc/nebula/host.key'))
    await stopNebula(c, HOST_NEBULA)
    await startNebula(c, lab.record.nebula, HOST_NEBULA)
    await waitForNebula(lab.hosts)
    // A plain Linux router, without flatnet.
    await c.exec(['sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward'])
    await c.exec(['ip', '-batch', '-'], {
      input: [a, b]
        .map(({ plan: { v4 } }) => `route add ${v4.subnet} via ${v4.overlay} dev nebula1\n`)
        .join(''),
    })
    for (const host of [a, b])
      await copyFile(join(pki, 'host-c.crt'), join(host.files, 'own/etc/flatnet/peers.d/host-c.crt'))
    await fallAndReturn(
      t,
      () => ({ gateway: { via: c.plan.v4.overlay } }),
      (route) => route.startsWith(`10.87.0.0/16 via ${c.plan.v4.overlay} dev nebula1`),
      { place: c, link: 'nebula1' },
    )
  })
})

// Drops Nebula between these two only, on all of their addresses: Nebula may try the LAN as well.
async function digHole(...hosts: readonly [LabHost, LabHost]): Promise<void> {
  for (const [host, peer] of [hosts, hosts.toReversed()] as const) {
    const other = peer as LabHost
    const addresses = `{ ${other.plan.v4.wsl}, ${LAN[other.plan.letter as 'a' | 'b']} }`
    const rule = `ip saddr ${addresses} udp dport ${String(NEBULA_PORT)} drop`
    const chain = `chain input { type filter hook input priority -300; ${rule}; }`
    await (host as LabHost).exec(['nft', '-f', '-'], { input: `table inet test_hole {\n${chain}\n}\n` })
  }
}

async function fillHole(...hosts: readonly LabHost[]): Promise<void> {
  for (const host of hosts) await host.exec(['nft', 'delete', 'table', 'inet', 'test_hole'])
}
