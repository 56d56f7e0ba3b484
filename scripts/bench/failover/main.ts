// Measures how the agent copes with faults. Each scenario runs real Nebula, a UDP stream, a TCP connection
// and HTTP requests; the black hole also runs with Nebula alone for comparison. Prints a table; no time limit
// is asserted here.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startAgent, stopAgent } from '../../lab/host/agent.ts'
import { mendImpaired } from '../../lab/network/impair.ts'
import type { Lab } from '../../lab/lab.ts'
import type { LabHost } from '../../lab/host/lab-host.ts'
import { NEBULA_SERIES, nebulaVersion, type NebulaSeries } from '../../lab/nebula/packages.ts'
import { upLab } from '../../lab/up.ts'
import { addContainer, type PlainContainer } from './container.ts'
import { serveFlows } from './flows.ts'
import { runAlone } from './alone.ts'
import { flap } from './flap.ts'
import { alone, heading, row } from './report.ts'
import { pause, runScenario, type Scenario, type ScenarioRun, waitForP2p } from './scenario.ts'
import { SCENARIOS } from './scenarios.ts'

const USAGE = `usage: npm run bench:failover -- [--nebula 1.11|1.9] [--only TEXT] [--runs 1] [--hole-runs 10]
                                 [--flap-minutes 5] [--markdown] [--return-seconds 60]
  --only            scenarios whose name contains the text
  --runs            how often each scenario runs
  --hole-runs       how often the black hole runs, for median and p95 (0: as often as the others)
  --flap-minutes    how long the path flaps every 2 s (0: not at all)
  --markdown        print the table in the form of docs/failover.md
  --return-seconds  how long to wait for the return to the direct path
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
// Each fault must hit the agent like a first one, not after a dozen others: the hold-off stays that of a
// first fallback. Flapping, where it matters, uses the defaults.
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
    // The agents take over the routes that ADD installed; only their own measurements count.
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
    if (!(await waitForP2p(lab, 330_000))) say(`  (${scenario.name}: begins without the direct path)`)
    runs.push(await runScenario(lab, scenario, { from, to }, Number(values['return-seconds']) * 1000))
    for (const host of lab.hosts) await mendImpaired(host)
  }
  say(row(scenario, runs, values.markdown))
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
