// The files of a host: written before it starts, kept over its reboots.
//
//   <disk>/upper work     changes of the host in /etc /opt /usr/lib/cni /var/lib /var/log (overlays on the
//                         machine's folders)
//   <disk>/own            folders without anything of the machine: etc/flatnet, var/lib/cni …
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { placeCertificates } from '../nebula/certificates.ts'
import { renderHostConfig } from '../nebula/config.ts'
import type { NebulaSeries } from '../nebula/packages.ts'
import type { HostPlan, Topology } from '../topology.ts'

/** Folders of the machine that a host sees and can change in its own copy. */
export const OVERLAID = ['etc', 'opt', 'usr/lib/cni', 'var/lib', 'var/log']
/** Folders that belong to the host alone. */
export const OWN = [
  'etc/cni',
  'etc/flatnet',
  'etc/nebula',
  'var/lib/cni',
  'var/lib/containers',
  'var/lib/flatnet',
]

const ROOT = join(import.meta.dirname, '../../..')
const EXECUTABLE = join(ROOT, 'dist/flatnet-cni')
const CONFLIST = join(ROOT, 'conflist/10-flatnet.conflist')
const PLAIN_CONFLIST = {
  cniVersion: '1.0.0',
  name: 'flatnet',
  plugins: [{ type: 'flatnet-cni', capabilities: { ips: true, mac: true } }],
}

// Each line was needed on a machine with both cgroup versions mounted and no systemd; podman 4.3.1.
// NET_RAW, the last one, is not in podman's default: busybox's ping needs it. It must be this file: with
// the variable CONTAINERS_CONF alone, the clean-up of conmon uses the other network backend.
export const CONTAINERS_CONF = `[network]
network_backend = "cni"
cni_plugin_dirs = ["/opt/cni/bin", "/usr/lib/cni"]
network_config_dir = "/etc/cni/net.d"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
[containers]
log_driver = "k8s-file"
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
default_capabilities = [
  "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP",
  "SETUID", "SYS_CHROOT", "NET_RAW"
]
`

/** The inputs of a host's disk. */
interface HostDisk {
  /** Where `makeCertificates` put the certificates. */
  readonly pki: string
  readonly topology: Topology
  readonly host: HostPlan
  readonly series: NebulaSeries
  /** Whether its runtime reads conflists. */
  readonly usesCni: boolean
}

export async function writeHostDisk(disk: string, of: HostDisk): Promise<void> {
  const { pki, topology, host, series } = of
  const inOwn = (path: string): string => join(disk, 'own', path)
  await writeBareDisk(disk, pki, host.name)
  await writeFile(inOwn('etc/nebula/config.yml'), renderHostConfig(topology, host, series))

  await writeFile(
    inOwn('etc/flatnet/flatnet.json'),
    `${JSON.stringify(flatnetSettings(topology), undefined, 2)}\n`,
  )
  await mkdir(inOwn('etc/flatnet/peers.d'))
  for (const peer of topology.hosts.filter((other) => other !== host)) {
    await copyFile(join(pki, `${peer.name}.crt`), inOwn(`etc/flatnet/peers.d/${peer.name}.crt`))
  }

  if (of.usesCni) await writeCniFiles(disk)
}

async function writeCniFiles(disk: string): Promise<void> {
  const inOwn = (path: string): string => join(disk, 'own', path)
  const inUpper = (path: string): string => join(disk, 'upper', path)
  await mkdir(inOwn('etc/cni/net.d'))
  const conflist = await readFile(CONFLIST, 'utf8').catch(
    () => `${JSON.stringify(PLAIN_CONFLIST, undefined, 2)}\n`,
  )
  await writeFile(inOwn('etc/cni/net.d/10-flatnet.conflist'), conflist)
  await mkdir(inUpper('etc/containers'))
  await writeFile(inUpper('etc/containers/containers.conf'), CONTAINERS_CONF)
}

/**
 * Writes the folders, the certificate and the flatnet executable. A lighthouse has nothing else, and
 * nothing is configured yet.
 */
export async function writeBareDisk(disk: string, pki: string, name: string): Promise<void> {
  for (const folder of OVERLAID) {
    await mkdir(join(disk, 'overlay-work', folder), { recursive: true })
    await mkdir(join(disk, 'upper', folder), { recursive: true })
  }
  for (const folder of OWN) await mkdir(join(disk, 'own', folder), { recursive: true })
  await placeCertificates(pki, name, join(disk, 'own/etc/nebula'))
  const programs = join(disk, 'upper/opt/cni/bin')
  await mkdir(programs, { recursive: true })
  // Links, so that a build takes effect immediately in a running lab.
  await symlink(EXECUTABLE, join(programs, 'flatnet-cni'))
  await symlink('flatnet-cni', join(programs, 'flatnet-ipam'))
}

// Every key has a default; only a second pool must be set.
function flatnetSettings(topology: Topology): Record<string, unknown> {
  return topology.ipv6 ? { pool: ['10.87.0.0/16', 'fd87::/48'] } : {}
}
