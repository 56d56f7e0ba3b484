// A host is invited as gateway. Containers of two hosts whose direct path is blocked reach each other through
// it, and use the direct path again once that is open.

import { readFileSync } from 'node:fs'
import t from 'tap'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { countPackets } from '../../fixtures/traffic/packet-count.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { adjust, blockBetween, hasDirectRoute, pings } from '../../fixtures/office/gateways.ts'
import { invite, joinByCode, OFFICE } from '../../fixtures/office/invitations.ts'
import { attach, switchOn, waitForPeers } from '../../fixtures/office/joined.ts'
import { type Machine, makeMachines } from '../../fixtures/office/machines.ts'

const skip = whyNoHost() || whyNoLab()

t.test('a gateway host carries what the direct path does not', { skip }, async (t) => {
  const { lh, a, b, g } = await makeMachines(t, { lh: 1, a: 11, b: 12, g: 13 })
  await lh.exec(['flatnet-cni', 'init', OFFICE])
  const enter = async (machine: Machine, name: string, ...options: readonly string[]): Promise<string> => {
    const invited = await invite(t, lh, name, ...options)
    const planned = await joinByCode(machine, invited, '--dry-run')
    t.equal(planned.exitCode, 0, planned.stderr)
    const said = await joinByCode(machine, invited)
    t.equal(said.exitCode, 0, `${said.stdout}\n${said.stderr}`)
    return (await invited.ended).stdout
  }
  await enter(lh, 'lighthouse', '--lighthouse')
  await enter(a, 'host-a')
  t.match(await enter(g, 'gate', '--gateway'), /"subnets":\["10\.87\.2\.0\/24"\],"gateway":true/)
  // After the gateway, whose certificate has the pool: no overlap.
  await enter(b, 'host-b')
  const { stdout: listed } = await lh.exec(['flatnet-cni', 'host', 'list', '--office', OFFICE])
  t.match(listed, /gate +host, gateway +10\.86\.2\.1\/16 +10\.87\.2\.0\/24 /)
  t.match(listed, /^ {2}"gateway": \{"via": "10\.86\.2\.1"\}$/m)
  t.match(
    readFileSync(g.at('/etc/flatnet/flatnet.json'), 'utf8'),
    /"via": "none"/,
    'nothing leaves over the LAN',
  )

  for (const machine of [a, b]) adjust(machine, { gateway: { via: '10.86.2.1' } })
  adjust(g)
  for (const machine of [lh, g, a, b]) await switchOn(machine)
  await waitForPeers(a, ['gate', 'host-b'])
  await waitForPeers(g, ['host-a', 'host-b'])
  const addresses = [await attach(a), await attach(b), await attach(g)]
  t.match(addresses, [/^10\.87\.1\./, /^10\.87\.3\./, /^10\.87\.2\./], 'the gateway has containers, too')
  const [here = '', there = '', beside = ''] = addresses
  const isDirect = async (): Promise<boolean> =>
    (await hasDirectRoute(a, '10.87.3.0/24')) && (await hasDirectRoute(b, '10.87.1.0/24'))

  await waitUntil('the direct path', 180_000, isDirect)
  const match = `iifname "nebula1" ip saddr ${here} ip daddr ${there}`
  const passed = await countPackets(t, g, match)
  // The wider route of the gateway does not cover the direct one.
  await waitUntil('a ping past the gateway', 120_000, async () => {
    const before = await passed()
    return (await isDirect()) && (await pings(a, there)) && (await passed()) === before
  })
  t.pass()

  await blockBetween(a, b)
  await waitUntil('both to leave the direct path', 180_000, async () => {
    const has = [await hasDirectRoute(a, '10.87.3.0/24'), await hasDirectRoute(b, '10.87.1.0/24')]
    return has.every((each) => !each)
  })
  await waitUntil('a ping through the gateway', 120_000, async () => {
    const before = await passed()
    return (await pings(a, there)) && (await passed()) > before
  })
  await waitUntil(`a ping from the gateway's own container ${beside}`, 60_000, () => pings(g, here))

  for (const machine of [a, b]) await machine.exec(['nft', 'delete', 'table', 'inet', 'test_hole'])
  await waitUntil('the direct path again', 180_000, isDirect)
  await waitUntil('a ping on it', 60_000, () => pings(a, there))
})
