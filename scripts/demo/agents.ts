// Starts the demo's agents on every host, and asks which path each uses.
import { startAgent } from '../lab/host/agent.ts'
import type { Lab } from '../lab/lab.ts'
import type { LabHost } from '../lab/host/lab-host.ts'
import { waitUntil } from '../lab/run.ts'
import { NARRATOR } from './narrator.ts'

const { command, expect, say } = NARRATOR

/** Starts an agent on each host. */
export async function startAgents(lab: Lab): Promise<void> {
  await Promise.all(lab.hosts.map(startAgent))
  for (const { name } of lab.hosts) say(`${name}$ flatnet-cni agent &`)
}

/** Waits until every host uses that path, and says how long it took. */
export async function waitForPath(lab: Lab, path: 'direct' | 'gateway', since: string): Promise<void> {
  const begun = performance.now()
  // The kernel's route counts, so the agents themselves are not asked.
  await waitUntil(`every host is on the ${path} path`, 60_000, async () => {
    const direct = await Promise.all(lab.hosts.map(hasDirectRoute))
    return direct.every((has) => has === (path === 'direct'))
  })
  const seconds = ((performance.now() - begun) / 1000).toFixed(1)
  expect(`both hosts are on the ${path} path, ${seconds} s after ${since}, without any command`, true)
}

/**
 * Shows a host's latest transitions as soon as the newest has this reason. The host that notices first
 * notifies the other, whose first reason may be that notice; its own observation follows a moment later and
 * corrects it.
 */
export async function showReason(host: LabHost, reason: string): Promise<void> {
  await waitUntil(`${host.name} reports the reason: ${reason}`, 60_000, async () => {
    const { stdout } = await host.exec(['flatnet-cni', 'path', '--history', '--json'])
    const { transitions } = JSON.parse(stdout) as { transitions: readonly { reason: string }[] }
    return transitions.at(-1)?.reason === reason
  })
  const history = await command(host, ['flatnet-cni', 'path', '--history'])
  expect(`${host.name} reports the reason: ${reason}`, history.includes(`(${reason})`))
}

async function hasDirectRoute(host: LabHost): Promise<boolean> {
  const { stdout } = await host.exec(['ip', '-4', 'route', 'show', 'proto', '77', 'metric', '100'])
  return /^10\.87\.\d+\.0\/24 /m.test(stdout)
}
