// A host is revoked: cut off on every host, also on one that was off, while the traffic of others goes on.

import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { run } from '../../../scripts/lab/run.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import {
  attach,
  makeJoinedOffice,
  openLine,
  reaches,
  switchOff,
  switchOn,
  waitForPeers,
  waitForPings,
} from '../../fixtures/office/joined.ts'
import type { Machine } from '../../fixtures/office/machines.ts'
import { makeTestOffice, officeFile } from '../../fixtures/office/office.ts'

const skip = whyNoHost() || whyNoLab()

const CONFIG = '/etc/nebula/config.yml'
const overlay = (number: number): string => `10.86.${String(number)}.1`
const blocklistOf = (machine: Machine): string =>
  /^ *blocklist: (.*)$/m.exec(readFileSync(machine.at(CONFIG), 'utf8'))?.[1] ?? ''

t.test('a revoked host is cut off everywhere', { skip }, async (t) => {
  const { office, machines, added } = await makeJoinedOffice(t, ['a', 'b', 'c', 'd'])
  const { lh, a, b, c, d } = machines
  await waitForPeers(a, ['host-b', 'host-c', 'host-d'])
  await waitForPings(
    'pings to host-b',
    [
      [lh, overlay(2)],
      [a, overlay(2)],
      [c, overlay(2)],
      [d, overlay(2)],
    ],
    true,
  )
  const [, there] = [await attach(a), await attach(c)]
  const line = await openLine(t, a, c, there)
  await line.moves()
  await switchOff(d)

  const said = await office.cli(['host', 'revoke', 'host-b', '--json'])
  t.equal(said.exitCode, 0, said.stderr)
  const { file, fingerprints, handedOver } = JSON.parse(said.stdout) as {
    readonly file: string
    readonly fingerprints: readonly string[]
    readonly handedOver: unknown
  }
  t.match(fingerprints, [/^[0-9a-f]{64}$/])
  t.equal(handedOver, null, 'the office machine is not a host here')
  t.match((await office.cli(['host', 'list'])).stdout, /host-b .* revoked/)
  copyFileSync(file, a.at('/etc/flatnet/revocation.statement'))

  const began = performance.now()
  const taken = await a.exec(['flatnet-cni', 'statement', 'import', '/etc/flatnet/revocation.statement'])
  t.match(taken.stdout, /revocation of office flatnet.*1 fingerprint: taken\. The agent passes it on/)
  await waitForPings(
    'host-b to be cut off',
    [
      [lh, overlay(2)],
      [a, overlay(2)],
      [c, overlay(2)],
    ],
    false,
  )
  t.comment(`cut off on three hosts after ${((performance.now() - began) / 1000).toFixed(1)} s`)
  await line.moves()
  for (const machine of [lh, a, c])
    t.equal(blocklistOf(machine), `["${fingerprints[0] ?? ''}"]`, machine.name)
  await waitForPeers(c, ['host-a', 'host-d'])
  t.notOk(await reaches(b, overlay(1)), 'nor does it reach others')
  t.ok(await reaches(b, '198.18.0.11'), 'while its LAN works')

  await t.test('a host that was off learns of it when it is back', async (t) => {
    t.equal(blocklistOf(d), '[]')
    await switchOn(d)
    await waitForPeers(d, ['host-a', 'host-c'])
    await waitForPings('host-b to be cut off on host-d', [[d, overlay(2)]], false)
    await waitForPings(
      'host-d to reach the others',
      [
        [d, overlay(1)],
        [d, overlay(3)],
      ],
      true,
    )
    t.equal(blocklistOf(d), `["${fingerprints[0] ?? ''}"]`)
    t.match((await d.exec(['flatnet-cni', 'statement', 'list'])).stdout, /host-b +[0-9a-f]{64}/)
  })

  await t.test('foreign, forged and older statements are refused', async (t) => {
    const other = await makeTestOffice(t)
    await other.cli(['host', 'add', 'host-b'])
    await other.cli(['host', 'revoke', 'host-b'])
    const text = officeFile(office, 'revocation.statement')
    const cases: readonly (readonly [string, RegExp])[] = [
      [officeFile(other, 'revocation.statement'), /certificate refused[^]*belongs to another office/],
      [text.replace('host-b', 'host-a'), /certificate refused[^]*changed or forged/],
      [text.slice(0, 90), /not valid JSON/],
      ['{}', /is not a statement/],
    ]
    const path = '/etc/flatnet/odd.statement'
    for (const [odd, says] of cases) {
      writeFileSync(a.at(path), odd)
      const refused = await a.exec(['flatnet-cni', 'statement', 'import', path], { check: false })
      t.equal(refused.exitCode, 1)
      t.match(refused.stderr, says)
    }
    const again = await a.exec(['flatnet-cni', 'statement', 'import', '/etc/flatnet/revocation.statement'])
    t.match(again.stdout, /this host has it already/)
  })

  await t.test('on a host, revoking hands the statement over by itself', async (t) => {
    await run(['cp', '-a', office.folder, a.at('/etc/flatnet/office')])
    const revoke = (name: string) =>
      a.exec(['flatnet-cni', 'host', 'revoke', name, '--office', '/etc/flatnet/office'], { check: false })
    const said = await revoke('host-d')
    t.match(said.stdout, /Revoked host-d with all its certificates\.\n.*2 fingerprints: taken/)
    await waitForPings(
      'host-d to be cut off',
      [
        [lh, overlay(4)],
        [a, overlay(4)],
        [c, overlay(4)],
      ],
      false,
    )
    await line.moves()
    t.match((await revoke('host-d')).stdout, /host-d was revoked before/)
    t.match(await revoke('host-x'), { exitCode: 1, stderr: /unknown host/ })
    const older = await a.exec(['flatnet-cni', 'statement', 'import', '/etc/flatnet/revocation.statement'], {
      check: false,
    })
    t.match(older, { exitCode: 1, stderr: /statement too old/ })
  })

  await t.test('join keeps what is blocked, and leave takes it away', async (t) => {
    const before = readFileSync(c.at(CONFIG), 'utf8')
    const again = await c.exec(['flatnet-cni', 'join', '/etc/host-c.flatnet', added.c.code ?? ''], {
      check: false,
    })
    t.match(again.stdout, /every file is in place/)
    t.equal(readFileSync(c.at(CONFIG), 'utf8'), before)
    const left = await lh.exec(['flatnet-cni', 'leave'], { check: false })
    t.equal(left.exitCode, 0, left.stderr)
    t.same(
      (await lh.exec(['ls', '-A', '/etc/nebula', '/var/lib/flatnet'], { check: false })).stdout.split('\n'),
      ['/etc/nebula:', '', '/var/lib/flatnet:'],
    )
  })
})
