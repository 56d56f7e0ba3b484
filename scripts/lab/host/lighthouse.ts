// Starts the lighthouse of a lab: Nebula in a network namespace, or in a whole host if an agent runs beside
// it.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { placeCertificates } from '../nebula/certificates.ts'
import { writeBareDisk } from './disk.ts'
import type { Lab } from '../lab.ts'
import { renderLighthouseConfig } from '../nebula/config.ts'
import { HOST_NEBULA, startNebula } from '../nebula/nebula.ts'

/**
 * Starts the lighthouse.
 * @param pki the folder with the certificates
 */
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

/** Returns the folder with the lighthouse's files: its disk if it is a host. */
export function lighthouseFolder(lab: Lab): string {
  return join(lab.folder, 'lighthouse')
}
