// Hosts are renewed: each takes its own new certificate, Nebula uses it, and a connection goes on.

import { copyFileSync } from 'node:fs'
import t from 'tap'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import {
  attach,
  certificateOn,
  makeJoinedOffice,
  openLine,
  switchOff,
  switchOn,
  waitForPeers,
} from '../../fixtures/office/joined.ts'
import type { Machine } from '../../fixtures/office/machines.ts'

const skip = whyNoHost() || whyNoLab()

function fingerprintOf(machine: Machine): string {
  return certificateOn(machine)?.fingerprint ?? ''
}

async function nebulaUses(machine: Machine, fingerprint: string): Promise<void> {
  await waitUntil(`Nebula of ${machine.name} to have its new certificate`, 60_000, async () => {
    const { stdout } = await machine.exec(['grep', '-c', fingerprint, '/var/log/flatnet-nebula.log'], {
      check: false,
    })
    return Number(stdout) > 0
  })
}

interface Said {
  readonly file: string
  readonly hosts: readonly { readonly name: string; readonly fingerprint: string }[]
}

t.test('every host takes its renewed certificate', { skip }, async (t) => {
  const { office, machines } = await makeJoinedOffice(t, ['a', 'b'], ['--host-days', '20'])
  const { lh, a, b } = machines
  await waitForPeers(a, ['host-b'])
  const [, there] = [await attach(a), await attach(b)]
  const line = await openLine(t, a, b, there)
  await line.moves()
  await switchOff(lh)
  const before = [lh, a, b].map(fingerprintOf)

  const said = await office.cli(['host', 'renew', '--all', '--json'])
  t.equal(said.exitCode, 0, said.stderr)
  const { file, hosts } = JSON.parse(said.stdout) as Said
  t.same(
    hosts.map(({ name }) => name),
    ['lighthouse', 'host-a', 'host-b'],
  )
  copyFileSync(file, a.at('/etc/flatnet/renewal.statement'))
  const taken = await a.exec(['flatnet-cni', 'statement', 'import', '/etc/flatnet/renewal.statement'])
  t.match(taken.stdout, /renewal of office flatnet.*3 certificates: taken/)
  for (const [index, machine] of [a, b].entries()) {
    const wanted = hosts[index + 1]?.fingerprint ?? ''
    await waitUntil(`${machine.name} to have its new certificate`, 60_000, async () =>
      Promise.resolve(fingerprintOf(machine) === wanted),
    )
    t.not(wanted, before[index + 1])
  }
  await line.moves()
  await waitForPeers(a, ['host-b'])
  t.equal(fingerprintOf(lh), before[0], 'the lighthouse is off')
  await switchOn(lh)
  await waitUntil('the lighthouse to have its new certificate', 60_000, async () =>
    Promise.resolve(fingerprintOf(lh) === hosts[0]?.fingerprint),
  )
  await line.moves()
  for (const [index, machine] of [lh, a, b].entries())
    await nebulaUses(machine, hosts[index]?.fingerprint ?? '')

  t.match(await a.exec(['flatnet-cni', 'host', 'accept'], { check: false }), {
    exitCode: 1,
    stderr: /nothing to accept/,
  })
  t.match(await office.cli(['host', 'renew', 'host-x']), { exitCode: 1, stderr: /unknown host/ })
  t.match(await office.cli(['host', 'renew']), { exitCode: 2 })
})
