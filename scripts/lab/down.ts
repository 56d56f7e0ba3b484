// Clears a lab away, a half-made one too: nothing here relies on what `up` got done.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { removeCgroups } from './podman.ts'
import { endProcess, endProcessesIn } from './process.ts'
import { run } from './run.ts'
import { labFolder, listLabs, readHolder, removeFolder } from './state.ts'
import { isNetnsOf } from './topology.ts'

/** Ends the lab's processes and removes its namespaces, mounts and cgroups. Content when there is no such lab. */
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
    // Also a holder that `up` was ended before writing down.
    await endProcessesIn(netns)
    await run(['ip', 'netns', 'delete', netns], { check: false })
  }
  const others = (await listLabs()).filter((other) => other !== name)
  for (const host of hosts) await removeCgroups(join(folder, host), others.length === 0)
  await removeFolder(name)
}
