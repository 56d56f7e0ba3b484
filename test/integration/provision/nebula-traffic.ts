// Rendered configurations at work: host, lighthouse, host, with containers on both hosts.
import t, { type Test } from 'tap'
import { addContainer, type PlainContainer } from '../../../scripts/bench/failover/container.ts'
import { answers, stopNebula } from '../../../scripts/lab/nebula/nebula.ts'
import { NEBULA_SERIES, type NebulaSeries } from '../../../scripts/lab/nebula/packages.ts'
import { waitForNebula } from '../../../scripts/lab/network/faults.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { type LabOptions, type OwnedLab, upLab } from '../../../scripts/lab/up.ts'
import { PATIENCE_MS } from '../../fixtures/lab/agents.ts'
import {
  askTcp,
  hopsFrom,
  LAB_LIGHTHOUSE,
  labHostPlan,
  lighthouseFiles,
  provisionHost,
  provisionLighthouse,
  serveTcp,
} from '../../fixtures/lab/provisioned.ts'
import { ip } from '../../fixtures/provision/nebula-plan.ts'
import { BY_NEBULA } from '../../fixtures/traffic/reach.ts'

async function upProvisioned(t: Test, options: LabOptions): Promise<OwnedLab> {
  const lab = await upLab({ ...options, podman: false })
  t.teardown(() => lab.down())
  await provisionLighthouse(lab)
  for (const host of lab.hosts) await provisionHost(lab, host, await labHostPlan(lab, host))
  await settle(lab)
  return lab
}

// Nebula's link and routes are new after each start.
async function settle(lab: OwnedLab): Promise<void> {
  await waitForNebula(lab.hosts)
  for (const host of lab.hosts) await host.exec(['flatnet-cni', 'sync'])
}

function nameOf(role: string, series: NebulaSeries): string {
  return `${role}${series.replace('.', '')}p${process.pid}`
}

async function waitForNebulaBetween(from: PlainContainer, to: PlainContainer): Promise<void> {
  await waitUntil(`${from.name} reaches ${to.name} through Nebula`, PATIENCE_MS, async () => {
    return (await hopsFrom(from, to.address)) === BY_NEBULA
  })
}

for (const series of NEBULA_SERIES) {
  t.test(
    `containers of two hosts reach each other by Nebula ${series}`,
    { skip: whyNoLab(series) },
    async (t) => {
      const lab = await upProvisioned(t, { name: nameOf('two', series), nebula: series })
      const [a, b] = [lab.host('a'), lab.host('b')]
      const [one, two] = [await addContainer(a, 'one'), await addContainer(b, 'two')]
      await waitForNebulaBetween(one, two)
      await waitForNebulaBetween(two, one)
      const stop = await serveTcp(two)
      t.equal(await askTcp(one, two.address), `two <- ${one.address}`, 'TCP without NAT')

      // No certificate has this group. Nebula 1.6 must restart and drops all tunnels; later versions would
      // reload.
      await provisionHost(lab, b, { ...(await labHostPlan(lab, b)), allowFrom: ['nobody'] })
      await settle(lab)
      await waitForNebulaBetween(one, two)
      t.equal(
        await askTcp(one, two.address, 5),
        'silence',
        'hosts of another group do not reach the containers',
      )
      stop()
      const stopOne = await serveTcp(one)
      t.equal(await askTcp(two, one.address), `one <- ${two.address}`, 'the other direction stays open')
      stopOne()
    },
  )
}

t.test('two lighthouses, one of them with containers', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({ name: nameOf('lights', '1.11'), hosts: 3, podman: false })
  t.teardown(() => lab.down())
  const [a, b, c] = [lab.host('a'), lab.host('b'), lab.host('c')]
  const { wsl, overlay } = c.plan.v4
  const lighthouses = [LAB_LIGHTHOUSE, { overlay: ip(overlay), endpoints: [{ host: wsl, port: 4242 }] }]
  await provisionLighthouse(lab, { lighthouses })
  await provisionHost(lab, c, { ...(await labHostPlan(lab, c)), isLighthouse: true, lighthouses })
  for (const host of [a, b])
    await provisionHost(lab, host, { ...(await labHostPlan(lab, host)), lighthouses })
  await settle(lab)
  const [one, two, three] = [
    await addContainer(a, 'one'),
    await addContainer(b, 'two'),
    await addContainer(c, 'three'),
  ]
  await waitForNebulaBetween(one, two)
  await waitForNebulaBetween(one, three)

  await t.test('hosts find each other while the first lighthouse is down', async () => {
    await stopNebula(lab.lighthouse, lighthouseFiles(lab))
    for (const host of [a, b])
      await provisionHost(lab, host, { ...(await labHostPlan(lab, host)), lighthouses })
    await settle(lab)
    await waitForNebulaBetween(two, one)
  })

  await t.test('they use a lighthouse as relay if their packets to each other are dropped', async () => {
    await provisionLighthouse(lab, { lighthouses })
    await lab.cut(['a'], 'underlay')
    await waitUntil('an answer through the relay', PATIENCE_MS, () => answers(a, b.plan.v4.overlay))
    await waitForNebulaBetween(one, two)
  })
})
