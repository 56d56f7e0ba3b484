// Makes a whole lab and removes it, even if something fails in between.
import { makeCertificates } from './nebula/certificates.ts'
import { downLab } from './down.ts'
import { waitForNebula } from './network/faults.ts'
import { writeHostDisk } from './host/disk.ts'
import { forgetLab, rememberLab } from './command/interrupt.ts'
import { Lab, pkiFolder } from './lab.ts'
import { startLighthouse } from './host/lighthouse.ts'
import { setupNetwork } from './network/network.ts'
import type { NebulaSeries } from './nebula/packages.ts'
import { buildImage, importImage } from './host/podman.ts'
import { makePodman5Network } from './podman5/lab-host.ts'
import { markProcess } from './process.ts'
import {
  listOrphans,
  type Podman5Hosts,
  prepareFolder,
  takeName,
  writeRecord,
  type LabRecord,
} from './state.ts'

export interface LabOptions {
  /**
   * 1 to 20 lower-case letters and digits (default `flatnet`). Labs with different names do not see each
   * other.
   */
  readonly name?: string
  /** The number of hosts (default 2). */
  readonly hosts?: number
  readonly nebula?: NebulaSeries
  readonly ipv6?: boolean
  /** Whether podman's image is loaded into every host (default true). */
  readonly podman?: boolean
  /** Whether the lighthouse gets separate files, so that it can run an agent (default false). */
  readonly lighthouseAgent?: boolean
  /** Default none. */
  readonly podman5?: Podman5Hosts
}

export interface OwnedLab extends Lab {
  /** Removes everything that the lab made. Calling it again is not an error. */
  down(): Promise<void>
}

/**
 * Makes a lab that is removed when this process ends: on failure, on SIGINT or SIGTERM, or on exit without
 * `down`.
 * @throws Error when the name is taken or something could not be made; nothing is left behind then
 */
export async function upLab(options: LabOptions = {}): Promise<OwnedLab> {
  const { name = 'flatnet', hosts = 2, nebula = '1.11', ipv6 = false, lighthouseAgent = false } = options
  if (ipv6 && nebula !== '1.11')
    throw new Error(`IPv6 needs version 2 certificates, which Nebula ${nebula} cannot read`)
  const record: LabRecord = {
    name,
    hosts,
    nebula,
    ipv6,
    lighthouseAgent,
    ...(options.podman5 === undefined ? {} : { podman5: options.podman5 }),
    owner: await markProcess(process.pid),
  }
  const lab = new Lab(record)
  for (const orphan of await listOrphans()) await downLab(orphan)
  takeName(name)
  rememberLab(name)
  try {
    await prepareFolder(record)
    await fillLab(lab, options.podman !== false)
  } catch (error) {
    await downLab(name)
    forgetLab(name)
    throw error
  }
  const down = async (): Promise<void> => {
    await downLab(name)
    forgetLab(name)
  }
  return Object.assign(lab, { down })
}

/** Detaches a lab from this process, so that it stays until `down` is run. */
export async function keepLab(lab: Lab): Promise<void> {
  await writeRecord({ ...lab.record, owner: null })
  forgetLab(lab.record.name)
}

async function fillLab(lab: Lab, withPodman: boolean): Promise<void> {
  const { topology, record } = lab
  const pki = pkiFolder(lab)
  await Promise.all([
    makeCertificates(pki, record.nebula, topology),
    setupNetwork(topology),
    withPodman ? buildImage() : undefined,
  ])
  await startLighthouse(lab, pki)
  await Promise.all(
    lab.hosts.map(async (host) => {
      const usesCni = !lab.hasPodman5(host)
      await writeHostDisk(host.files, { pki, topology, host: host.plan, series: record.nebula, usesCni })
      await lab.bootHost(host)
      if (withPodman) await importImage(host)
      if (!usesCni) await makePodman5Network(host)
    }),
  )
  await waitForNebula(lab.hosts)
}
