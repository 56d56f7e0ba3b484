// The first process inside the namespaces of one run: starts the servers and measures them in turn.

import { writeFileSync } from 'node:fs'
import { run } from '../../lab/run.ts'
import { type Figures, type Load, measure } from './measure.ts'
import { startServers } from './servers.ts'

/** The orders to the process inside, passed as JSON in its first argument. */
export interface GatewayOrders extends Load {
  readonly work: string
  readonly pairs: number
  readonly workers: number
}

/** All measurements of each server by its name; the n-th of each belong together. The first is ours. */
export type GatewayReport = readonly (readonly [server: string, figures: readonly Figures[]])[]

async function runBench({ work, pairs, workers, ...load }: GatewayOrders): Promise<GatewayReport> {
  await run(['ip', 'link', 'set', 'lo', 'up'])
  const servers = await startServers(work, workers)
  const figures = new Map(servers.map(({ name }) => [name, [] as Figures[]]))
  // The first requests compile the Lua.
  for (const server of servers) await measure(server, { ...load, seconds: 1 })
  for (let pair = 0; pair < pairs; pair++) {
    const order = pair % 2 === 0 ? servers : servers.toReversed()
    for (const server of order) figures.get(server.name)?.push(await measure(server, load))
    writeFileSync(2, `round ${String(pair + 1)} of ${String(pairs)}\n`)
  }
  return [...figures]
}

const orders = JSON.parse(process.argv[2] ?? '') as GatewayOrders
process.on('disconnect', () => process.exit(1))
void runBench(orders).then(
  (report) => process.send?.(report, () => process.exit(0)),
  (error: unknown) => {
    writeFileSync(2, `bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exit(1)
  },
)
