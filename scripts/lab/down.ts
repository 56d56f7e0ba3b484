// Removes a lab, even one that `up` did not finish.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { removeCgroups } from './host/podman.ts'
import { endProcess, endProcessesIn } from './process.ts'
import { run } from './run.ts'
import { labFolder, listLabs, readHolder, removeFolder } from './state.ts'
import { isNetnsOf } from './topology.ts'

/**
 * Ends the lab's processes and removes its namespaces, mounts and cgroups. Does nothing if there is no such
 * lab.
 */
export async function downLab(name: string): Promise<void> {
  const folder = labFolder(name)
  const hosts = (await readdir(folder).catch(() => [])).filter((entry) => /^host-[a-z]$/.test(entry))
  for (const host of hosts) {
    const holder = await readHolder(name, host)
    if (holder !== undefined) await endProcess(holder)
  }
  const { stdout } = await run(['ip', '-json', 'netns', 'list'], { check: false })
  const all = JSON.parse(stdout || '[]') as { name: string }[]
  for (const netns of all.map((entry) => entry.name).filter((entry) => isNetnsOf(name, entry))) {
    // This includes a holder that was not recorded yet when `up` was killed.
    await endProcessesIn(netns)
    await run(['ip', 'netns', 'delete', netns], { check: false })
  }
  const others = (await listLabs()).filter((other) => other !== name)
  // Labs of the test suite do not see each other, and the suite removes what they share when it ends.
  const isLast = others.length === 0 && process.env['FLATNET_SUITE'] === undefined
  for (const host of hosts) await removeCgroups(join(folder, host), isLast)
  await removeFolder(name)
}
