// What a user of podman 5 waits for: `podman run --rm` of a program that ends immediately, on our network and
// on podman's default one, which is netavark's bridge. podman is Debian 13's, in a root of its own.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hostPlace } from '../../../lab/host/place.ts'
import { buildImage, IMAGE } from '../../../lab/host/podman.ts'
import { holdPodman5 } from '../../../lab/podman5/hold.ts'
import { makePodman5Network } from '../../../lab/podman5/lab-host.ts'
import { podman5Root, whyNoPodman5 } from '../../../lab/podman5/packages.ts'
import { endProcess, type ProcessMark } from '../../../lab/process.ts'
import type { Host } from '../host/host.ts'
import { netnsPath } from '../host/links.ts'
import { ourNetwork } from '../host/networks.ts'
import type { Bench, Scenario } from '../row.ts'
import { measureRuns } from './run-pairs.ts'
import { withHost } from './with-hosts.ts'

const SUITE = 'trixie'
const JOBS = [
  { id: 'podman5-run', what: 'podman 5 run --rm' },
  { id: 'podman5-run-port', what: 'podman 5 run --rm, one published port', hasPort: true },
] as const

export const podman5RunScenario: Scenario = {
  ids: JOBS.map(({ id }) => id),
  measure: (bench) =>
    withHost(bench, 'run5-both', async (host) => {
      const why = whyNoPodman5(SUITE)
      if (why !== false) throw new Error(why)
      const holder = await startHost(bench, host)
      try {
        const place = hostPlace(host.name, () => holder.pid, [])
        await makePodman5Network(place)
        await place.exec(['podman', 'import', '--quiet', '/bb.tar', IMAGE])
        const against = "podman 5's default network, netavark's bridge"
        return await measureRuns(bench, { host, ...place, jobs: JOBS, against })
      } finally {
        await endProcess(holder)
      }
    }),
}

async function startHost(bench: Bench, host: Host): Promise<ProcessMark> {
  const disk = join(host.folder, 'podman5')
  mkdirSync(join(disk, 'upper/etc/flatnet'), { recursive: true })
  const { type: _, capabilities: __, ...settings } = ourNetwork(bench, host).plugins[0]?.conf ?? {}
  writeFileSync(join(disk, 'upper/etc/flatnet/flatnet.json'), JSON.stringify(settings))
  return holdPodman5({
    netns: netnsPath(host.name),
    name: host.name,
    tree: podman5Root(SUITE),
    disk,
    binds: [
      [bench.executable, '/opt/cni/bin/flatnet-cni'],
      [host.folder, host.folder],
      [await buildImage(), '/bb.tar'],
    ],
  })
}
