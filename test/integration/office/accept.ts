// A renewed certificate with other groups waits until the host accepts it, and is shown until then.

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
  waitForPeers,
} from '../../fixtures/office/joined.ts'
import type { Machine } from '../../fixtures/office/machines.ts'

const skip = whyNoHost() || whyNoLab()

const groupsOn = (machine: Machine): readonly string[] => certificateOn(machine)?.groups ?? []

const call = (machine: Machine, ...args: readonly string[]) =>
  machine.exec(['flatnet-cni', ...args], { check: false })

t.test('a host accepts other groups', { skip }, async (t) => {
  const { office, machines } = await makeJoinedOffice(t, ['a', 'b'])
  const { a, b } = machines
  await waitForPeers(a, ['host-b'])
  const [, there] = [await attach(a), await attach(b)]
  const line = await openLine(t, a, b, there)

  const said = await office.cli(['host', 'renew', 'host-b', '--group', 'ci', '--json'])
  t.equal(said.exitCode, 0, said.stderr)
  const listedGroups = async (): Promise<unknown> => {
    const { stdout } = await office.cli(['host', 'list', '--json'])
    const { hosts } = JSON.parse(stdout) as {
      readonly hosts: readonly { readonly name: string; readonly groups: unknown }[]
    }
    return hosts.find(({ name }) => name === 'host-b')?.groups
  }
  t.same(await listedGroups(), ['containers', 'ci'])
  const { file } = JSON.parse(said.stdout) as { readonly file: string }
  copyFileSync(file, a.at('/etc/flatnet/renewal.statement'))
  await a.exec(['flatnet-cni', 'statement', 'import', '/etc/flatnet/renewal.statement'])
  await waitUntil('host-b to show that a certificate waits', 60_000, async () =>
    (await call(b, 'status')).stdout.includes('a renewed certificate waits for your consent'),
  )
  const difference = 'groups: containers becomes ci, containers'
  t.match((await call(b, 'status')).stdout, new RegExp(`${difference}\\n.*flatnet-cni host accept`))
  const checked = (await call(b, 'check', '--only', 'CERT-018')).stdout
  t.match(checked, /a renewed certificate waits[^]*groups: containers becomes ci, containers/)
  t.match(checked, /flatnet-cni host accept/)
  t.same(groupsOn(b), ['containers'], 'nothing has changed yet')
  t.notMatch((await call(a, 'status')).stdout, /waits/, 'no other host is asked')

  const accepted = await call(b, 'host', 'accept')
  t.match(accepted, { exitCode: 0, stdout: `Accepted: ${difference}` })
  t.same([...groupsOn(b)].toSorted(), ['ci', 'containers'])
  t.notMatch((await call(b, 'status')).stdout, /waits/)
  t.match((await call(b, 'check', '--only', 'CERT-018')).stdout, /1 ok/)
  await line.moves()
  await waitForPeers(a, ['host-b'])

  t.match(await office.cli(['host', 'renew', '--all', '--group', 'ci']), {
    exitCode: 2,
    stderr: /one host at a time/,
  })
  t.match(await office.cli(['host', 'renew', 'host-b', '--group', 'ci', '--without-groups']), { exitCode: 2 })
  t.equal((await office.cli(['host', 'renew', 'host-b', '--without-groups'])).exitCode, 0)
  t.same(await listedGroups(), ['containers'])
  t.equal((await office.cli(['host', 'renew', 'host-b'])).exitCode, 0)
})
