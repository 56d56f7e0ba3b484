// Starts the lighthouse of a lab: Nebula in a network namespace, or in a host of its own where an agent is to run beside it.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { placeCertificates } from './certificates.ts'
import { writeBareDisk } from './host-disk.ts'
import type { Lab } from './lab.ts'
import { renderLighthouseConfig } from './nebula-config.ts'
import { HOST_NEBULA, startNebula } from './nebula.ts'

/** @param pki where the certificates are */
export async function startLighthouse(lab: Lab, pki: string): Promise<void> {
  const folder = lighthouseFolder(lab)
  if (lab.record.lighthouseAgent === true) {
    await writeBareDisk(folder, pki, 'lighthouse')
    await writeFile(join(folder, 'own/etc/nebula/config.yml'), renderLighthouseConfig('/etc/nebula'))
    await lab.bootLighthouse(folder)
    return startNebula(lab.lighthouse, lab.record.nebula, HOST_NEBULA)
  }
  await mkdir(folder)
  await placeCertificates(pki, 'lighthouse', folder)
  const files = {
    config: join(folder, 'config.yml'),
    log: join(folder, 'nebula.log'),
    pidFile: join(folder, 'pid'),
  }
  await writeFile(files.config, renderLighthouseConfig(folder))
  await startNebula(lab.lighthouse, lab.record.nebula, files)
}

/** The lighthouse's own files; its disk where it is a host. */
export function lighthouseFolder(lab: Lab): string {
  return join(lab.folder, 'lighthouse')
}
