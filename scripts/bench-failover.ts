// How the agent comes through faults: each scenario with real Nebula, a UDP stream, a TCP connection and HTTP requests running,
// and the black hole with Nebula alone beside it. Prints a table; nothing is judged by time here.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startAgent, stopAgent } from './lab/agent.ts'
import { mendImpaired } from './lab/impair.ts'
import type { Lab, LabHost } from './lab/lab.ts'
import { NEBULA_SERIES, nebulaVersion, type NebulaSeries } from './lab/packages.ts'
import { upLab } from './lab/up.ts'
import { addContainer, type PlainContainer } from './failover/container.ts'
import { serveFlows } from './failover/flows.ts'
import { runAlone } from './failover/alone.ts'
import { flap } from './failover/flap.ts'
import { alone, heading, row } from './failover/report.ts'
import { pause, runScenario, type Scenario, type ScenarioRun, waitForP2p } from './failover/scenario.ts'
import { SCENARIOS } from './failover/scenarios.ts'

const USAGE = `usage: npm run bench:failover -- [--nebula 1.11|1.9] [--only TEXT] [--runs 1] [--hole-runs 10] [--flap-minutes 5]
  --only       scenarios whose name contains the text
  --runs       how often each scenario runs
  --hole-runs  how often the black hole runs, for median and p95 (0: as often as the others)
  --flap-minutes  for how long the path comes and goes every 2 s (0: not at all)
  --markdown   a table as docs/failover.md has it
  --return-seconds 60  how long a return is waited for
`

const { values } = parseArgs({
  options: {
    nebula: { type: 'string', default: '1.11' },
    only: { type: 'string', default: '' },
    runs: { type: 'string', default: '1' },
    'hole-runs': { type: 'string', default: '10' },
    'flap-minutes': { type: 'string', default: '5' },
    'return-seconds': { type: 'string', default: '60' },
    markdown: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
// Each fault is to be met as the first one, not after a dozen others: the hold-off stays that of a first fall. Flapping, where
// it matters, runs with the defaults.
const PATIENT = { flaps: 1000, mostMs: 5000 }

if (values.help) process.stdout.write(USAGE)
else await main()

async function main(): Promise<void> {
  const series = NEBULA_SERIES.find((each): each is NebulaSeries => each === values.nebula)
  if (series === undefined) throw new Error(`--nebula ${values.nebula}: one of ${NEBULA_SERIES.join(', ')}`)
  const lab = await upLab({ name: `failover${String(process.pid)}`, nebula: series, podman: false })
  try {
    const [a, b] = [lab.host('a'), lab.host('b')]
    const [from, to] = [await addContainer(a, 'flow-a'), await addContainer(b, 'flow-b')]
    const server = await serveFlows(to)
    say(`Nebula ${await nebulaVersion(series)}, ${process.platform}, Node ${process.versions.node}`)
    say(heading(values.markdown))
    if ('black hole, both ways'.includes(values.only))
      say(alone(await runAlone(lab, from, to), values.markdown))
    await Promise.all([setHoldOff(a, PATIENT), setHoldOff(b, PATIENT)])
    await Promise.all([startAgent(a), startAgent(b)])
    // They take over the routes that ADD has made; only what they have measured themselves counts.
    await pause(15_000)
    for (const scenario of SCENARIOS.filter(({ name }) => name.includes(values.only))) {
      await runAll(lab, scenario, from, to)
    }
    const minutes = Number(values['flap-minutes'])
    if (minutes > 0 && 'flapping every 2 s'.includes(values.only)) {
      await Promise.all([stopAgent(a), stopAgent(b)])
      await Promise.all([setHoldOff(a, {}), setHoldOff(b, {})])
      await Promise.all([startAgent(a), startAgent(b)])
      await pause(15_000)
      say(await flap(lab, from, to, minutes))
    }
    await server.stop()
  } finally {
    await lab.down()
  }
}

async function setHoldOff(host: LabHost, backoff: Readonly<Record<string, number>>): Promise<void> {
  const settings = JSON.stringify({ agent: { escalation: { backoff } } })
  await writeFile(join(host.files, 'own/etc/flatnet/flatnet.json'), `${settings}\n`)
}

async function runAll(lab: Lab, scenario: Scenario, from: PlainContainer, to: PlainContainer): Promise<void> {
  const holes = Number(values['hole-runs'])
  const isHole = scenario.name === 'black hole, both ways'
  const times = isHole && holes > 0 ? holes : Number(values.runs)
  const runs: ScenarioRun[] = []
  for (let run = 0; run < times; run += 1) {
    if (!(await waitForP2p(lab, 330_000))) say(`  (${scenario.name}: begins without the P2P path)`)
    runs.push(await runScenario(lab, scenario, from, to, Number(values['return-seconds']) * 1000))
    for (const host of lab.hosts) await mendImpaired(host)
  }
  say(row(scenario, runs, values.markdown))
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
