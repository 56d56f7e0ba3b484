// The same black hole with Nebula alone: both routes are in the kernel, as ADD installs them, with no agent.
import { impair } from '../../lab/network/impair.ts'
import type { Lab } from '../../lab/lab.ts'
import type { PlainContainer } from './container.ts'
import type { FlowReport } from './flow-report.ts'
import { startFlows } from './flows.ts'
import { pause } from './scenario.ts'

/** Duration of the outage in milliseconds: long enough for Nebula's own timers to notice. */
const ALONE_MS = 20_000

export async function runAlone(lab: Lab, from: PlainContainer, to: PlainContainer): Promise<FlowReport> {
  const flows = startFlows(from, to.address)
  await pause(1500)
  const mend = await impair(lab.host('b'), { kind: 'black-hole' })
  await pause(ALONE_MS)
  await mend()
  await pause(5000)
  return flows.end()
}
