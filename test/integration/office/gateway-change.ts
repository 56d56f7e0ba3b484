// A host becomes a gateway, and is one no longer: by renewals that it accepts, while two other hosts have no
// direct path.

import { copyFileSync, readFileSync } from 'node:fs'
import t from 'tap'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { adjust, blockBetween, pings } from '../../fixtures/office/gateways.ts'
import { attach, makeJoinedOffice, switchOff, switchOn, waitForPeers } from '../../fixtures/office/joined.ts'
import type { Machine } from '../../fixtures/office/machines.ts'

const skip = whyNoHost() || whyNoLab()

const call = (machine: Machine, ...args: readonly string[]) =>
  machine.exec(['flatnet-cni', ...args], { check: false })

const settingsOf = (machine: Machine): unknown =>
  JSON.parse(readFileSync(machine.at('/etc/flatnet/flatnet.json'), 'utf8'))

t.test('a host of the office becomes a gateway, and stops', { skip, timeout: 600_000 }, async (t) => {
  const { office, machines } = await makeJoinedOffice(t, ['a', 'b', 'g'])
  const { a, b, g } = machines
  const decide = async (option: string): Promise<string> => {
    const said = await office.cli(['host', 'renew', 'host-g', option])
    t.equal(said.exitCode, 0, said.stderr)
    copyFileSync(`${office.folder}/renewal.statement`, a.at('/etc/flatnet/renewal.statement'))
    await a.exec(['flatnet-cni', 'statement', 'import', '/etc/flatnet/renewal.statement'])
    await waitUntil('host-g to show that a certificate waits', 60_000, async () =>
      (await call(g, 'status')).stdout.includes('a renewed certificate waits for your consent'),
    )
    return said.stdout
  }

  for (const machine of [a, b]) adjust(machine, { gateway: { via: '10.86.3.1' } })
  for (const machine of [a, b]) {
    await switchOff(machine)
    await switchOn(machine)
  }
  await waitForPeers(a, ['host-b', 'host-g'])
  await waitForPeers(b, ['host-a', 'host-g'])
  const [, there] = [await attach(a), await attach(b)]
  await blockBetween(a, b)
  // With no other path, the direct one may stay in use.
  await waitUntil('the direct path to carry nothing', 180_000, async () => !(await pings(a, there)))
  for (let times = 3; times > 0; times -= 1) t.notOk(await pings(a, there), 'nothing passes packets on')

  t.match(await decide('--gateway'), /host-g, as root, unless nothing has changed: flatnet-cni host accept\n/)
  t.match((await office.cli(['host', 'list'])).stdout, /^host-g +host, gateway /m)
  t.notOk(await pings(a, there), 'not before host-g agrees')
  const became = await call(g, 'host', 'accept')
  t.match(became, {
    exitCode: 0,
    stdout: /^Accepted: container subnets: 10\.87\.3\.0\/24 becomes 10\.87\.3\.0\/24, 10\.87\.0\.0\/16$/m,
  })
  t.match(became.stdout, /^This host is a gateway now, for hosts with "gateway": \{"via": "10\.86\.3\.1"\}/m)
  t.match(settingsOf(g), { gateway: { via: 'none' } }, 'nothing leaves over the LAN')
  t.match((await call(g, 'nebula', 'config', '--diff')).stdout, 'has all that flatnet-cni would write')
  await waitUntil('a ping through the gateway', 180_000, () => pings(a, there))
  await waitUntil('the agent of host-a to measure that path', 180_000, async () =>
    (await call(a, 'check', '--only', 'GW-002')).stdout.includes('1 ok'),
  )

  const tells = (machine: Machine, what: RegExp): Promise<void> =>
    waitUntil(`${machine.name} to tell of the gateway host`, 180_000, async () =>
      what.test((await call(machine, 'status')).stdout),
    )
  await tells(a, /^Gateway host +host-g 10\.86\.3\.1, in use$/m)

  t.match(await decide('--no-gateway'), /"via": "10\.86\.3\.1"\} in .* lose their gateway path/)
  t.ok(await pings(a, there), 'not before host-g agrees')
  const stopped = await call(g, 'host', 'accept')
  t.match(stopped, { exitCode: 0, stdout: /^This host is no gateway any more\.$/m })
  t.match((await office.cli(['host', 'list'])).stdout, /^host-g +host +10/m)
  await waitUntil('host-a to hear of that', 180_000, async () => {
    const { stdout } = await call(a, 'status')
    return /^Gateway {2}/m.test(stdout) && !/^Gateway host/m.test(stdout)
  })
  await waitUntil('host-g to pass nothing on', 180_000, async () => !(await pings(a, there)))

  t.match(await office.cli(['host', 'renew', 'lighthouse', '--gateway']), {
    exitCode: 1,
    stderr: /lighthouse was added without containers/,
  })
  t.match(await office.cli(['host', 'renew', '--all', '--gateway']), { exitCode: 2, stderr: /one at a time/ })
  await g.exec(['flatnet-cni', 'leave'])
  t.equal(
    (await g.exec(['ls', '/etc/flatnet', '/etc/nebula'], { check: false })).stdout.includes('saved'),
    false,
  )
})
