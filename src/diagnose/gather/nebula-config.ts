// Nebula's own configuration: that of the running process where there is one, else the one of the settings.

import { readFileSync } from 'node:fs'
import type { Facts } from '../../check/facts.ts'
import type { PkiMaterial } from '../../nebula/nebula-config.ts'
import { CniError } from '../../cni/error.ts'
import { loadNebulaConfig, type NebulaConfig } from '../../host/nebula-config.ts'
import { parseCertificates } from '../../nebula/parse.ts'
import type { GatherContext } from '../context.ts'

export async function gatherNebulaFile(context: GatherContext): Promise<Facts['nebulaFile']> {
  const { state, path, problems } = await load(context)
  const { nebula } = await context.get('settings')
  return { state, path, problems, settingsPath: nebula.config }
}

/** @throws Error when there is none, or one that cannot be read */
export async function gatherNebulaConfig(context: GatherContext): Promise<Facts['nebulaConfig']> {
  const { state, facts, problems } = await load(context)
  if (state !== 'read') throw new Error(problems.join('; '))
  return facts
}

/** @throws Error when there is no configuration, or no certificate of this host */
export async function gatherNebulaCertificate({ get }: GatherContext): Promise<Facts['nebulaCertificate']> {
  const [{ pki }, { nebula }, { fingerprint }] = await Promise.all([
    get('nebulaConfig'),
    get('settings'),
    get('identity'),
  ])
  const own = parseCertificates(readFileSync(nebula.cert, 'utf8'), nebula.cert)
  const notAfter = Math.min(...own.map((block) => block.notAfter))
  return { nebula: fingerprintsOf(pki.cert), flatnet: { source: nebula.cert, fingerprint, notAfter } }
}

async function load({ get }: GatherContext): Promise<NebulaConfig> {
  const settings = await get('settings')
  // Without a certificate nobody knows which process is this host's.
  const own = await get('nebula').then(
    (nebula) => nebula.own,
    () => undefined,
  )
  return loadNebulaConfig(own?.config ?? settings.nebula.config)
}

function fingerprintsOf(material: PkiMaterial | undefined): Facts['nebulaCertificate']['nebula'] {
  if (material === undefined) return { source: 'nothing', fingerprints: [], problem: 'is not set' }
  const source = 'path' in material ? material.path : 'inline'
  try {
    const pem = 'path' in material ? readFileSync(material.path, 'utf8') : material.pem
    const fingerprints = parseCertificates(pem, source).map(({ fingerprint }) => fingerprint)
    return { source, fingerprints, problem: undefined }
  } catch (error) {
    const problem =
      error instanceof CniError ? error.details : error instanceof Error ? error.message : String(error)
    return { source, fingerprints: [], problem }
  }
}
