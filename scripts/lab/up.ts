// Makes a whole lab and clears it away, whatever happens in between.
import { makeCertificates } from './certificates.ts'
import { downLab } from './down.ts'
import { waitForNebula } from './faults.ts'
import { writeHostDisk } from './host-disk.ts'
import { forgetLab, rememberLab } from './interrupt.ts'
import { Lab, pkiFolder } from './lab.ts'
import { startLighthouse } from './lighthouse.ts'
import { setupNetwork } from './network.ts'
import type { NebulaSeries } from './packages.ts'
import { buildImage, importImage } from './podman.ts'
import { markProcess } from './process.ts'
import { listOrphans, prepareFolder, takeName, writeRecord, type LabRecord } from './state.ts'

export interface LabOptions {
  /** 1 to 20 lower-case letters and digits (default `flatnet`). Labs of different names do not see each other. */
  readonly name?: string
  /** How many hosts (default 2). */
  readonly hosts?: number
  readonly nebula?: NebulaSeries
  readonly ipv6?: boolean
  /** Whether podman's image is loaded into every host (default true). */
  readonly podman?: boolean
  /** Whether the lighthouse gets files of its own, so that an agent can be started there (default false). */
  readonly lighthouseAgent?: boolean
}

export interface OwnedLab extends Lab {
  /** Removes everything the lab made. Repeating it is no error. */
  down(): Promise<void>
}

/**
 * Makes a lab that goes when this process does: on failure, on SIGINT or SIGTERM, or when it ends without `down`.
 * @throws Error when the name is taken or something could not be made; nothing is left then.
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

/** Makes a lab of this process one that stays until somebody takes it down. */
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
      await writeHostDisk(host.files, pki, topology, host.plan, record.nebula)
      await lab.bootHost(host)
      if (withPodman) await importImage(host)
    }),
  )
  await waitForNebula(lab.hosts)
}
