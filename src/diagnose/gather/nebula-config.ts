// Nebula's own configuration: that of the running process where there is one, else the one of the settings.

import { readFileSync } from 'node:fs'
import type { Facts } from '../../check/facts.ts'
import type { NebulaProcess } from '../../check/facts/nebula.ts'
import type { PkiMaterial } from '../../nebula/nebula-config.ts'
import { CniError } from '../../cni/error.ts'
import { loadNebulaConfig, type NebulaConfig } from '../../host/nebula-config.ts'
import { parseCertificates } from '../../nebula/parse.ts'
import type { GatherContext } from '../context.ts'
import { isSameFile, pathSeenBy } from '../process-root.ts'

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
  const [{ pki }, { nebula }, { fingerprint }, pid] = await Promise.all([
    get('nebulaConfig'),
    get('settings'),
    get('identity'),
    ownProcess(get).then((own) => own?.pid),
  ])
  const own = parseCertificates(readFileSync(nebula.cert, 'utf8'), nebula.cert)
  const notAfter = Math.min(...own.map((block) => block.notAfter))
  return { nebula: fingerprintsOf(pki.cert, pid), flatnet: { source: nebula.cert, fingerprint, notAfter } }
}

async function load({ get }: GatherContext): Promise<NebulaConfig> {
  const [{ nebula }, own] = await Promise.all([get('settings'), ownProcess(get)])
  if (own?.config === undefined) return loadNebulaConfig(nebula.config)
  const path = pathSeenBy(own.pid, own.config)
  // A container may have the very file under another path.
  return loadNebulaConfig(isSameFile(path, nebula.config) ? nebula.config : path)
}

// Without a certificate nobody knows which process is this host's.
function ownProcess(get: GatherContext['get']): Promise<NebulaProcess | undefined> {
  return get('nebula').then(
    ({ own }) => own,
    () => undefined,
  )
}

function fingerprintsOf(
  material: PkiMaterial | undefined,
  pid: number | undefined,
): Facts['nebulaCertificate']['nebula'] {
  if (material === undefined) return { source: 'nothing', fingerprints: [], problem: 'is not set' }
  const source = 'path' in material ? material.path : 'inline'
  try {
    const pem = 'path' in material ? readFileSync(placeOf(material.path, pid), 'utf8') : material.pem
    const fingerprints = parseCertificates(pem, source).map(({ fingerprint }) => fingerprint)
    return { source, fingerprints, problem: undefined }
  } catch (error) {
    const problem =
      error instanceof CniError ? error.details : error instanceof Error ? error.message : String(error)
    return { source, fingerprints: [], problem }
  }
}

function placeOf(path: string, pid: number | undefined): string {
  return pid === undefined ? path : pathSeenBy(pid, path)
}
