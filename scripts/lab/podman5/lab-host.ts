// A host of the lab with podman 5: the same network and disk as its neighbours, another root.

import { join } from 'node:path'
import { OWN } from '../host/disk.ts'
import type { LabHost } from '../host/lab-host.ts'
import type { Place } from '../host/place.ts'
import type { ProcessMark } from '../process.ts'
import { holdPodman5 } from './hold.ts'
import { podman5Root, type Podman5Suite } from './packages.ts'

/** The first folder in which podman looks for network drivers. */
export const DRIVER = '/usr/local/libexec/netavark/flatnet-cni'

const ROOT = join(import.meta.dirname, '../../..')
// The executable, Nebula and podman's image, at the paths that the lab uses.
const SEEN = ['dist', '.cache/nebula', '.cache/lab'].map((folder) => join(ROOT, folder))

/** Starts a host whose network namespace and disk exist. @throws Error when it could not be made */
export async function holdLabHost(
  { plan, files }: Pick<LabHost, 'plan' | 'files'>,
  suite: Podman5Suite,
): Promise<ProcessMark> {
  return holdPodman5({
    netns: `/run/netns/${plan.netns}`,
    name: plan.name,
    tree: podman5Root(suite),
    disk: files,
    binds: [
      ...SEEN.map((folder) => [folder, folder] as const),
      ...OWN.map((folder) => [join(files, 'own', folder), `/${folder}`] as const),
    ],
  })
}

/** Links the executable to where podman finds it. */
export async function installDriver(place: Pick<Place, 'exec'>): Promise<void> {
  await place.exec(['mkdir', '-p', join(DRIVER, '..')])
  await place.exec(['ln', '-s', '/opt/cni/bin/flatnet-cni', DRIVER])
}

/** Links it, and makes the network that is called flatnet in conflists too. */
export async function makePodman5Network(place: Pick<Place, 'exec'>): Promise<void> {
  await installDriver(place)
  await place.exec(['podman', 'network', 'create', '-d', 'flatnet-cni', 'flatnet'])
}
