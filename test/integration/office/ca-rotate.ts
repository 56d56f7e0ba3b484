// The CA of five hosts is replaced, one of them off during each step, while a connection goes on.

import { copyFileSync, readFileSync } from 'node:fs'
import t from 'tap'
import { run, waitUntil } from '../../../scripts/lab/run.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { caPool } from '../../../src/nebula/certificate/ca-pool.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { invite, joinByCode, OFFICE } from '../../fixtures/office/invitations.ts'
import {
  attach,
  certificateOn,
  makeJoinedOffice,
  openLine,
  switchOff,
  switchOn,
  waitForPeers,
  waitForPings,
} from '../../fixtures/office/joined.ts'
import type { Machine } from '../../fixtures/office/machines.ts'

const skip = whyNoHost() || whyNoLab()

const overlay = (number: number): string => `10.86.${String(number)}.1`

interface Said {
  readonly step: number
  readonly outcome: string
  readonly ca: string
  readonly earlier: string
  readonly hosts: readonly { readonly name: string; readonly has: string }[]
}

const issuerOn = (machine: Machine): string | undefined => certificateOn(machine)?.issuer

const trustedOn = (machine: Machine): readonly string[] => [
  ...caPool(readFileSync(machine.at('/etc/nebula/ca.crt'), 'utf8'), machine.name).authorities.keys(),
]

t.test('a CA is replaced on every host, also on those that were off', { skip }, async (t) => {
  const { office, machines } = await makeJoinedOffice(t, ['a', 'b', 'c', 'd'])
  const { lh, a, b, c, d } = machines
  const all = [lh, a, b, c, d]
  // The office machine is a host: its agent passes statements on, and asks the others.
  await run(['cp', '-a', office.folder, a.at(OFFICE)])
  await waitForPeers(a, ['host-b', 'host-c', 'host-d'])
  const [, there] = [await attach(a), await attach(c)]
  const line = await openLine(t, a, c, there)
  await line.moves()

  const cli = (...args: readonly string[]) =>
    a.exec(['flatnet-cni', ...args, '--office', OFFICE], { check: false })
  const rotate = async (...args: readonly string[]): Promise<Said & { readonly exitCode: number }> => {
    const said = await cli('ca', 'rotate', '--json', ...args)
    if (!said.stdout.startsWith('{')) throw new Error(said.stderr)
    return { ...(JSON.parse(said.stdout) as Said), exitCode: said.exitCode }
  }
  const lacking = ({ hosts }: Said): readonly string[] =>
    hosts.filter(({ has }) => has !== 'yes').map(({ name }) => name)
  const everyoneHas = (what: string): Promise<void> =>
    waitUntil(what, 120_000, async () => {
      const { stdout } = await cli('ca', 'status', '--json')
      const { progress } = JSON.parse(stdout) as { readonly progress: Said['hosts'] }
      return progress.length === 5 && progress.every(({ has }) => has === 'yes')
    })

  const waits = async (step: number, name: string): Promise<void> => {
    const said = await rotate()
    t.match(said, { step, outcome: 'waits', exitCode: 1 })
    t.same(lacking(said), [name], `step ${String(step)} names who lacks it`)
  }

  await switchOff(d)
  const first = await rotate()
  t.match(first, { step: 1, outcome: 'taken', exitCode: 0 })
  t.same(lacking(first), ['host-d'], 'four of five trust the new CA')
  await waits(1, 'host-d')
  await switchOn(d)
  await everyoneHas('all to trust both CAs')
  for (const machine of all) t.same(trustedOn(machine), [first.earlier, first.ca], machine.name)
  await line.moves()

  await switchOff(lh)
  t.match(await rotate(), { step: 2, outcome: 'taken', hosts: [{ name: 'lighthouse', has: '?' }] })
  t.equal(issuerOn(c), first.ca)
  t.equal(issuerOn(lh), first.earlier)
  await waits(2, 'lighthouse')
  await line.moves()
  await switchOn(lh)
  await everyoneHas('all to use the new CA')
  for (const machine of all) t.equal(issuerOn(machine), first.ca, machine.name)
  await line.moves()

  await switchOff(b)
  const last = await rotate()
  t.match(last, { step: 3, outcome: 'taken' })
  t.same(lacking(last), ['host-b'])
  await switchOn(b)
  await everyoneHas('all to have left the earlier CA')
  for (const machine of all) t.same(trustedOn(machine), [first.ca], machine.name)
  await waitForPeers(b, ['host-a', 'host-c', 'host-d'])
  await waitForPings(
    'host-b to reach the others',
    [
      [b, overlay(1)],
      [b, overlay(3)],
    ],
    true,
  )
  await line.moves()
  const { stdout: status } = await c.exec(['flatnet-cni', 'check', '--json'], { check: false })
  const refusedPeers = (
    JSON.parse(status) as { readonly items: readonly { readonly id: string; readonly verdict: string }[] }
  ).items
  t.notOk(
    refusedPeers.find(
      ({ id, verdict }) => id.startsWith('CERT') && (verdict === 'warn' || verdict === 'fail'),
    ),
    'check finds nothing wrong with the certificates',
  )

  await t.test('the earlier CA decides nothing any more', async (t) => {
    copyFileSync(a.at(`${OFFICE}/introduction.statement`), c.at('/etc/flatnet/old.statement'))
    const said = await c.exec(['flatnet-cni', 'statement', 'import', '/etc/flatnet/old.statement'], {
      check: false,
    })
    t.match(said, { exitCode: 1, stderr: /certificate refused[^]*this CA was replaced/ })
    t.same(trustedOn(c), [first.ca])
  })

  await t.test('the new one renews, revokes and invites', async (t) => {
    t.match(
      (await cli('host', 'renew', '--all')).stdout,
      /Renewed until .*host-d\n.*4 certificates|5 certificates/,
    )
    t.equal((await cli('host', 'revoke', 'host-d')).exitCode, 0)
    await waitForPings(
      'host-d to be cut off',
      [
        [a, overlay(4)],
        [c, overlay(4)],
      ],
      false,
    )
    const again = await invite(t, a, 'host-d', '--again')
    const joined = await joinByCode(d, again)
    t.match(joined.stdout, /^Next: /m, joined.stderr)
    await switchOff(d)
    await switchOn(d)
    await waitForPings(
      'host-d to be back',
      [
        [a, overlay(4)],
        [c, overlay(4)],
      ],
      true,
    )
    t.equal((await cli('host', 'add', 'host-e', '--out', '/etc/host-e.flatnet')).exitCode, 0)
    await line.moves()
  })
})
