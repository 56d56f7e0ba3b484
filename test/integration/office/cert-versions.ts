// An office that signs certificates of both versions: hosts with Nebula 1.9 and with 1.11 reach each other,
// containers too, and a revoked host is known by both of its certificates.

import { copyFileSync, readFileSync } from 'node:fs'
import t from 'tap'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { attach, joinAndStart, waitForPeers, waitForPings } from '../../fixtures/office/joined.ts'
import { type Machine, makeMachines } from '../../fixtures/office/machines.ts'
import { makeTestOffice } from '../../fixtures/office/office.ts'

const skip = whyNoHost() || whyNoLab()

const overlay = (number: number): string => `10.86.${String(number)}.1`

function bannersOf(machine: Machine, path: string): readonly string[] {
  return readFileSync(machine.at(path), 'utf8').match(/BEGIN .*(?=-----)/g) ?? []
}

t.test('an office of both versions', { skip }, async (t) => {
  const office = await makeTestOffice(t, { args: ['--cert-version', 'both'] })
  const [a, b, c] = [await office.add('host-a'), await office.add('host-b'), await office.add('host-c')]
  const machines = await makeMachines(t, { lh: 1, a: 11, b: 12, c: 13 }, { but: { b: '1.9' } })
  await joinAndStart(machines.lh, office.lighthouse)
  await joinAndStart(machines.a, a)
  await joinAndStart(machines.b, b)
  await joinAndStart(machines.c, c)

  for (const machine of [machines.a, machines.b]) {
    t.same(bannersOf(machine, '/etc/nebula/host.crt'), [
      'BEGIN NEBULA CERTIFICATE',
      'BEGIN NEBULA CERTIFICATE V2',
    ])
    t.same(bannersOf(machine, '/etc/nebula/ca.crt'), ['BEGIN NEBULA CERTIFICATE'], 'which Nebula 1.9 reads')
  }
  t.match((await machines.b.exec(['nebula', '-version'])).stdout, /1\.9\./)
  await waitForPings(
    'the hosts to reach each other',
    [
      [machines.a, overlay(2)],
      [machines.b, overlay(1)],
      [machines.c, overlay(2)],
      [machines.b, overlay(3)],
    ],
    true,
  )
  await waitForPeers(machines.b, ['host-a', 'host-c'])
  await waitForPeers(machines.a, ['host-b', 'host-c'])
  const [, there] = [await attach(machines.a), await attach(machines.b)]
  await waitUntil('a ping between containers', 120_000, async () => {
    const ping = ['ip', 'netns', 'exec', 'c', 'ping', '-c', '1', '-W', '1', there]
    return (await machines.a.exec(ping, { check: false })).exitCode === 0
  })

  await t.test('renewal signs both again, and a 1.9 host takes them', async (t) => {
    const before = readFileSync(machines.b.at('/etc/nebula/host.crt'), 'utf8')
    const said = await office.cli(['host', 'renew', 'host-b', '--json'])
    const { file } = JSON.parse(said.stdout) as { readonly file: string }
    copyFileSync(file, machines.a.at('/etc/flatnet/renewal.statement'))
    await machines.a.exec(['flatnet-cni', 'statement', 'import', '/etc/flatnet/renewal.statement'])
    await waitUntil('host-b to take its certificates', 120_000, async () => {
      return readFileSync(machines.b.at('/etc/nebula/host.crt'), 'utf8') !== before
    })
    t.equal(bannersOf(machines.b, '/etc/nebula/host.crt').length, 2)
    await waitForPings('host-b to answer', [[machines.a, overlay(2)]], true)
  })

  await t.test('a revoked host is cut off, whichever version the other one reads', async (t) => {
    const said = await office.cli(['host', 'revoke', 'host-c', '--json'])
    const { file, fingerprints } = JSON.parse(said.stdout) as {
      readonly file: string
      readonly fingerprints: readonly string[]
    }
    t.equal(fingerprints.length, 2)
    copyFileSync(file, machines.a.at('/etc/flatnet/revocation.statement'))
    await machines.a.exec(['flatnet-cni', 'statement', 'import', '/etc/flatnet/revocation.statement'])
    await waitForPings(
      'host-c to be cut off',
      [
        [machines.a, overlay(3)],
        [machines.b, overlay(3)],
      ],
      false,
    )
    await waitForPings('the others to go on', [[machines.a, overlay(2)]], true)
    t.match((await office.cli(['host', 'list'])).stdout, /host-c .* revoked/)
  })
})
