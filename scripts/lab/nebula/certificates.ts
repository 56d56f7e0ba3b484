// Makes a CA and the certificate of every host, with the real nebula-cert of the Nebula under test.
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { nebulaFolder, type NebulaSeries } from './packages.ts'
import { run } from '../run.ts'
import { FAMILY, type HostPlan, type Topology } from '../topology.ts'

interface Identity {
  readonly name: string
  /** Overlay addresses with the prefix length of the overlay network. */
  readonly networks: readonly string[]
  /** Container subnets; empty for a lighthouse. */
  readonly subnets: readonly string[]
}

/**
 * Makes `ca.crt`, `ca.key` and `<name>.crt`, `<name>.key` for the lighthouse and every host in `folder`.
 * The certificates have version 1, which every Nebula can read, or version 2 with IPv6, for 1.10 and later.
 */
export async function makeCertificates(
  folder: string,
  series: NebulaSeries,
  topology: Topology,
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const tool = join(nebulaFolder(series), 'nebula-cert')
  const version = certificateVersion(series, topology.ipv6)
  await run([tool, 'ca', ...version, '-name', `flatnet lab ${topology.name}`], { cwd: folder })
  await signCertificate(folder, series, topology.ipv6, lighthouseIdentity(topology.ipv6))
  for (const host of topology.hosts) {
    await signCertificate(folder, series, topology.ipv6, hostIdentity(host))
  }
}

/** Signs one more certificate with the lab's CA, for example one with another subnet. */
export async function signCertificate(
  folder: string,
  series: NebulaSeries,
  ipv6: boolean,
  identity: Identity,
): Promise<void> {
  const tool = join(nebulaFolder(series), 'nebula-cert')
  // The options were renamed in 1.10, which still accepts the old names; 1.9 and older accept only those.
  const subnets = identity.subnets.length === 0 ? [] : ['-subnets', identity.subnets.join(',')]
  const names = ['-name', identity.name, ipv6 ? '-networks' : '-ip', identity.networks.join(',')]
  const argv = [
    tool,
    'sign',
    ...certificateVersion(series, ipv6),
    ...names,
    ...subnets,
    '-groups',
    'containers',
  ]
  await run(argv, { cwd: folder })
}

/** Puts `ca.crt`, `host.crt` and `host.key` where a Nebula of that name reads them. */
export async function placeCertificates(pki: string, name: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true })
  await copyFile(join(pki, 'ca.crt'), join(target, 'ca.crt'))
  await copyFile(join(pki, `${name}.crt`), join(target, 'host.crt'))
  await copyFile(join(pki, `${name}.key`), join(target, 'host.key'))
}

export function hostIdentity(host: HostPlan): Identity {
  return {
    name: host.name,
    networks: [`${host.v4.overlay}/16`, ...(host.v6 === undefined ? [] : [`${host.v6.overlay}/64`])],
    subnets: [host.v4.subnet, ...(host.v6 === undefined ? [] : [host.v6.subnet])],
  }
}

function lighthouseIdentity(ipv6: boolean): Identity {
  const networks = (ipv6 ? ([4, 6] as const) : ([4] as const)).map(
    (family) => `${FAMILY[family].lighthouseOverlay}/${FAMILY[family].overlayBits}`,
  )
  return { name: 'lighthouse', networks, subnets: [] }
}

// 1.10 and later choose version 2 by default; older ones know neither the option nor the version.
function certificateVersion(series: NebulaSeries, ipv6: boolean): string[] {
  return series === '1.11' ? ['-version', ipv6 ? '2' : '1'] : []
}
