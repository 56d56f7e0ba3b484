// The agents of the demo: started on every host, and asked which way each takes.
import { startAgent } from '../lab/agent.ts'
import type { Lab, LabHost } from '../lab/lab.ts'
import { waitUntil } from '../lab/run.ts'
import { NARRATOR } from './narrator.ts'

const { command, expect, say } = NARRATOR

/** Starts one on each host. */
export async function startAgents(lab: Lab): Promise<void> {
  await Promise.all(lab.hosts.map(startAgent))
  for (const { name } of lab.hosts) say(`${name}$ flatnet-cni agent &`)
}

/** Waits until every host is on that path, and says how long it took. */
export async function waitForPath(lab: Lab, path: 'direct' | 'gateway', since: string): Promise<void> {
  const begun = performance.now()
  // The agents themselves are not asked: what counts is which route the kernel has.
  await waitUntil(`every host is on the ${path} path`, 60_000, async () => {
    const direct = await Promise.all(lab.hosts.map(hasDirectRoute))
    return direct.every((has) => has === (path === 'direct'))
  })
  const seconds = ((performance.now() - begun) / 1000).toFixed(1)
  expect(`both hosts are on the ${path} path, ${seconds} s after ${since}, and nobody typed anything`, true)
}

/** Shows the last changes of a host's paths, of which the newest has to give this reason. */
export async function showReason(host: LabHost, reason: string): Promise<void> {
  const history = await command(host, ['flatnet-cni', 'path', '--history'])
  expect(`${host.name} says why: ${reason}`, history.includes(`(${reason})`))
}

async function hasDirectRoute(host: LabHost): Promise<boolean> {
  const { stdout } = await host.exec(['ip', '-4', 'route', 'show', 'proto', '77', 'metric', '100'])
  return /^10\.87\.\d+\.0\/24 /m.test(stdout)
}
