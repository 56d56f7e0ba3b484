// The same between hosts with Debian 13's Nebula, and with IPv6 and IPv4.
import t, { type Test } from 'tap'
import type { LabOptions, OwnedLab } from '../../../scripts/lab/up.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import { type Container, networksOf, runWeb } from '../../fixtures/runtimes/podman.ts'
import { BY_GATEWAY, BY_NEBULA, lastClientOf, pageFrom, ttlFrom } from '../../fixtures/traffic/reach.ts'

interface Pair {
  readonly lab: OwnedLab
  readonly webA: Container
  readonly webB: Container
}

async function upPair(t: Test, options: LabOptions): Promise<Pair> {
  const lab = await upLab(options)
  t.teardown(() => lab.down())
  const [webA, webB] = await Promise.all([runWeb(lab.host('a'), 'web-a'), runWeb(lab.host('b'), 'web-b')])
  return { lab, webA, webB }
}

async function carries(t: Test, from: Container, to: Container, ttl: number): Promise<void> {
  const way = `${from.address} to ${to.address}`
  t.equal(await ttlFrom(from, to.address), ttl, `${way}: ping`)
  t.equal(await pageFrom(from, to.address), `hello from ${to.name}`, `${way}: HTTP`)
  t.equal(await lastClientOf(to), from.address, `${way}: the server sees the container's address`)
}

async function cutAndMend(lab: OwnedLab, between: () => Promise<void>): Promise<void> {
  await lab.cut()
  await between()
  await lab.mend()
  for (const host of lab.hosts) await host.exec(['flatnet-cni', 'sync'])
}

t.test('Nebula 1.9.3 carries containers, stops, and starts again', { skip: whyNoLab('1.9') }, async (t) => {
  const { lab, webA, webB } = await upPair(t, { name: `tnine${process.pid}`, nebula: '1.9' })
  await carries(t, webA, webB, BY_NEBULA)
  await carries(t, webB, webA, BY_NEBULA)
  await cutAndMend(lab, () => carries(t, webA, webB, BY_GATEWAY))
  await carries(t, webA, webB, BY_NEBULA)
})

t.test('containers have an address per family and use both', { skip: whyNoLab() }, async (t) => {
  const { lab, webA, webB } = await upPair(t, { name: `tdual${process.pid}`, ipv6: true })
  const inIpv6 = async (web: Container): Promise<Container> => {
    const facts = (await networksOf(web.host, web.name))['flatnet']
    return { ...web, address: facts?.GlobalIPv6Address ?? '' }
  }
  const [sixA, sixB] = [await inIpv6(webA), await inIpv6(webB)]
  t.match(sixA.address, /^fd87:0:0:1::/)
  t.match(
    (await webA.exec(['ip', '-6', 'address', 'show', 'dev', 'eth0'])).stdout,
    `inet6 ${sixA.address}/64 `,
  )
  const families: [Container, Container][] = [
    [webA, webB],
    [sixA, sixB],
  ]
  for (const [one, two] of families) {
    await carries(t, one, two, BY_NEBULA)
    await carries(t, two, one, BY_NEBULA)
  }
  await cutAndMend(lab, async () => {
    for (const [one, two] of families) await carries(t, one, two, BY_GATEWAY)
  })
  for (const [one, two] of families) await carries(t, one, two, BY_NEBULA)
  t.match(
    (await webA.exec(['timeout', '10', 'nc', 'fd87:0:0:63::1', '80'], { check: false })).stderr,
    'Network is unreachable',
    'an absent host',
  )
})
