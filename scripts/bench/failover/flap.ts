// A path that flaps every two seconds: how often the agents switch, and what it costs.
import { agentLog } from '../../lab/host/agent.ts'
import { impair } from '../../lab/network/impair.ts'
import type { Lab } from '../../lab/lab.ts'
import type { PlainContainer } from './container.ts'
import { startFlows } from './flows.ts'
import { pause } from './scenario.ts'

const HALF_MS = 2000

/**
 * Runs the scenario.
 * @returns a line for the table
 */
export async function flap(
  lab: Lab,
  from: PlainContainer,
  to: PlainContainer,
  minutes: number,
): Promise<string> {
  const b = lab.host('b')
  const begun = Date.now()
  const flows = startFlows(from, to.address)
  const until = performance.now() + minutes * 60_000
  while (performance.now() < until) {
    const mend = await impair(b, { kind: 'black-hole' })
    await pause(HALF_MS)
    await mend()
    await pause(HALF_MS)
  }
  const { udp, tcp, http } = await flows.end()
  const lines = (await agentLog(lab.host('a'), 2000)).split('\n').filter((line) => {
    if (!line.includes('"path changed"')) return false
    return Date.parse((JSON.parse(line) as { at: string }).at) >= begun
  })
  const falls = lines.filter((line) => line.includes('"from":"P2P_ACTIVE"')).length
  return (
    `flapping every 2 s for ${String(minutes)} min: ${String(falls)} fallbacks, ` +
    `${String(lines.length)} transitions at host-a, ` +
    `${String(udp.lost)} of ${String(udp.sent)} datagrams lost, TCP ${tcp.isAlive ? 'alive' : 'DEAD'} ` +
    `(worst stall ${String(tcp.worstStallMs)} ms), ` +
    `HTTP ${String(http.failed + http.late)} of ${String(http.asked)} failed or late`
  )
}
