// Hosts get a newer Nebula one after another: keys, certificates and configuration stay, hosts of both
// versions reach each other meanwhile, and containers keep their addresses.

import t from 'tap'
import { nebulaFolder } from '../../../scripts/lab/nebula/packages.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { attach, joinAndStart, switchOff, switchOn, waitForPeers } from '../../fixtures/office/joined.ts'
import { type Machine, makeMachines } from '../../fixtures/office/machines.ts'
import { makeTestOffice } from '../../fixtures/office/office.ts'

const skip = whyNoHost() || whyNoLab()
const START = '/opt/cni/bin/flatnet-start.sh'

async function containersReach(machine: Machine, address: string): Promise<void> {
  const ping = ['ip', 'netns', 'exec', 'c', 'ping', '-c', '1', '-W', '1', address]
  await waitUntil(`the container of ${machine.name} to reach ${address}`, 120_000, async () => {
    return (await machine.exec(ping, { check: false })).exitCode === 0
  })
}

/** Stops Nebula, puts the newer one in its place, and starts that. */
async function upgrade(machine: Machine): Promise<void> {
  await switchOff(machine)
  const [older, newer] = [nebulaFolder('1.9'), nebulaFolder('1.11')]
  await machine.exec(['sed', '-i', `s#${older}/#${newer}/#`, START])
  await switchOn(machine)
  await waitUntil(`the newer Nebula of ${machine.name}`, 60_000, async () => {
    const { stdout } = await machine.exec(
      ['sh', '-c', `tr '\\0' ' ' </proc/$(cat /run/flatnet/nebula.pid)/cmdline`],
      {
        check: false,
      },
    )
    return stdout.startsWith(newer)
  })
}

t.test('Nebula 1.9 becomes 1.11, host by host', { skip }, async (t) => {
  const office = await makeTestOffice(t, { nebula: '1.9' })
  const bundles = [office.lighthouse, await office.add('host-a'), await office.add('host-b')] as const
  const { lh, a, b } = await makeMachines(t, { lh: 1, a: 11, b: 12 }, { nebula: '1.9' })
  await Promise.all([lh, a, b].map((machine, index) => joinAndStart(machine, bundles[index] ?? bundles[0])))
  await Promise.all([waitForPeers(a, ['host-b']), waitForPeers(b, ['host-a'])])
  const [, there] = await Promise.all([attach(a), attach(b)])
  await containersReach(a, there)
  for (const machine of [lh, b, a]) {
    await upgrade(machine)
    await containersReach(a, there)
    t.pass(`${machine.name} has Nebula 1.11, and containers reach each other`)
  }
  for (const only of ['CERT', 'NEB']) {
    const { stdout } = await a.exec(['flatnet-cni', 'check', '--group', only], { check: false })
    t.notMatch(stdout, /^(FAIL|warn)/m, `nothing to complain about: ${only}`)
  }
})
