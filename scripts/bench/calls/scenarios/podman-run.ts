// What a user waits for: `podman run --rm` of a program that ends immediately, on our network and on podman's
// default one, which is Debian's chain of four. podman, conmon and runc are the machine's, with storage,
// networks and settings of the bench's own.

import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CONTAINERS_CONF } from '../../../lab/host/disk.ts'
import { buildImage, IMAGE } from '../../../lab/host/podman.ts'
import type { Host } from '../host/host.ts'
import { ourNetwork } from '../host/networks.ts'
import type { Bench, Scenario } from '../row.ts'
import { measureRuns } from './run-pairs.ts'
import { withHost } from './with-hosts.ts'

const JOBS = [
  { id: 'run', what: 'podman run --rm' },
  { id: 'run-port', what: 'podman run --rm, one published port', hasPort: true },
] as const

export const podmanRunScenario: Scenario = {
  ids: JOBS.map(({ id }) => id),
  measure: (bench) =>
    withHost(bench, 'run-both', async (host) => {
      await makePodman(bench, host)
      try {
        const against = "podman's default network, the chain"
        return await measureRuns(bench, { host, argv: (command) => command, env: HOME, jobs: JOBS, against })
      } finally {
        removeCgroups()
      }
    }),
}

const HOME = { HOME: '/root' }

// The mounts are those of the bench's own mount namespace, and end with it.
async function makePodman(bench: Bench, host: Host): Promise<void> {
  const inside = (name: string): string => join(host.folder, name)
  for (const name of ['bin', 'net.d', 'containers', 'cni', 'settings']) mkdirSync(inside(name))
  symlinkSync(bench.executable, inside('bin/flatnet-cni'))
  const { name, cniVersion, plugins } = ourNetwork(bench, host, { ports: true })
  const list = { cniVersion, name, plugins: plugins.map(({ conf }) => conf) }
  writeFileSync(inside('net.d/10-flatnet.conflist'), JSON.stringify(list))
  const settings = CONTAINERS_CONF.replace('/opt/cni/bin', inside('bin')).replace(
    '/etc/cni/net.d',
    inside('net.d'),
  )
  writeFileSync(inside('settings/containers.conf'), settings)
  // Not every machine has /var/lib/cni, and nothing may be made there outside the bench.
  for (const name of ['upper', 'work']) mkdirSync(inside(name))
  const layers = `lowerdir=/var/lib,upperdir=${inside('upper')},workdir=${inside('work')}`
  execFileSync('mount', ['-t', 'overlay', '-o', layers, 'overlay', '/var/lib'])
  for (const [from, to] of [
    ['settings', '/etc/containers'],
    ['containers', '/var/lib/containers'],
    ['cni', '/var/lib/cni'],
  ] as const) {
    mkdirSync(to, { recursive: true })
    execFileSync('mount', ['--bind', inside(from), to])
  }
  writeFileSync('/etc/containers/policy.json', '{"default":[{"type":"insecureAcceptAnything"}]}')
  await host.program(['podman', 'import', '--quiet', await buildImage(), IMAGE], HOME)
}

// podman leaves the parents of its containers' cgroups. rmdir refuses one that is in use.
function removeCgroups(): void {
  const root = '/sys/fs/cgroup'
  for (const folder of ['libpod_parent/conmon', 'libpod_parent']) {
    for (const controller of ['', ...readdirSync(root)]) {
      try {
        rmdirSync(join(root, controller, folder))
      } catch {
        // Not there, or in use by the machine's own podman.
      }
    }
  }
}
