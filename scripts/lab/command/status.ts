// Describes a lab for people: every place, its addresses, and what answers from where.
import type { Lab } from '../lab.ts'
import type { LabHost } from '../host/lab-host.ts'
import { answers, hasDevice } from '../nebula/nebula.ts'
import { FAMILY, familiesOf, NEBULA_DEVICE } from '../topology.ts'

/** Returns several lines of text. Every pair of hosts sends one ping over the overlay. */
export async function describeLab(lab: Lab): Promise<string> {
  const { record } = lab
  const owner = record.owner === null ? 'kept until down' : `of process ${record.owner.pid}`
  const lines = [
    `lab ${record.name}: Nebula ${record.nebula}, ${owner}`,
    `  lan         ${FAMILY[4].lanClient}`,
    `  lighthouse  ${FAMILY[4].lighthouse}, overlay ${FAMILY[4].lighthouseOverlay}`,
  ]
  for (const host of lab.hosts) lines.push(...(await describeHost(lab, host)))
  return lines.join('\n')
}

async function describeHost(lab: Lab, host: LabHost): Promise<string[]> {
  const lines = familiesOf(host.plan).map(
    ([, own]) =>
      `  ${host.name}      ${own.wsl} behind ${own.lan}, overlay ${own.overlay}, containers ${own.subnet}`,
  )
  if (!(await hasDevice(host))) return [...lines, `              Nebula is cut (no ${NEBULA_DEVICE})`]
  for (const peer of lab.hosts.filter((other) => other !== host)) {
    const isUp = await answers(host, peer.plan.v4.overlay)
    lines.push(`              ${peer.name} ${isUp ? 'answers' : 'does not answer'} through Nebula`)
  }
  return lines
}
