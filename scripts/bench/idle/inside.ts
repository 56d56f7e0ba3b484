// The first process inside the namespaces of one run: sets the place up and measures each number of peers.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AgentFigures, type IdleFigures, measureAgent } from './measure.ts'
import { measureNebula } from './nebula.ts'
import { endPeers, hideMachine, startPeers } from './place.ts'
import { writeHosts } from './settings.ts'

/** The orders to the process inside, passed as JSON in its first argument. */
export interface IdleOrders {
  readonly work: string
  readonly executable: string
  /** The folder with `nebula`; empty to run without it. */
  readonly nebula: string
  readonly peers: readonly number[]
  readonly seconds: number
}

/** The process's answer, keyed by what was measured. */
export type IdleReport = readonly (readonly [what: string, figures: IdleFigures & Partial<AgentFigures>])[]

async function run({ work, executable, nebula, peers, seconds }: IdleOrders): Promise<IdleReport> {
  hideMachine(work)
  const hosts = writeHosts(work, Math.max(1, ...peers))
  const report: IdleReport[number][] = []
  for (const count of peers) {
    hosts.use(count)
    // Only those: an agent spends time on the probes of hosts that it does not know.
    const simulated = await startPeers({ ...hosts, peers: hosts.peers.slice(0, count) })
    report.push([`agent, ${String(count)} peers`, await measureAgent(executable, count, seconds)])
    await endPeers(simulated)
  }
  if (nebula !== '') {
    const folder = join(work, 'nebula')
    mkdirSync(folder)
    report.push(['Nebula, no peer', await measureNebula(nebula, folder, hosts, seconds)])
  }
  return report
}

const orders = JSON.parse(process.argv[2] ?? '') as IdleOrders
process.on('disconnect', () => process.exit(1))
void run(orders).then(
  (report) => process.send?.(report, () => process.exit(0)),
  (error: unknown) => {
    writeFileSync(2, `bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exit(1)
  },
)
