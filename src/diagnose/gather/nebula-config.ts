// Gathers Nebula's own configuration: that of the running process if there is one,
// otherwise that of the settings.

import type { Facts } from '../../check/facts.ts'
import type { NebulaProcess } from '../../check/facts/nebula.ts'
import type { PkiMaterial } from '../../nebula/configuration/nebula-config.ts'
import { CniError, errorText } from '../../cni/error.ts'
import { isLate } from '../../cni/late.ts'
import { loadNebulaConfig, type NebulaConfig } from '../../host/identity/nebula-config.ts'
import { parseCertificates } from '../../nebula/certificate/parse.ts'
import type { GatherContext } from '../context.ts'
import { readRequired } from '../../state/files/source-file.ts'
import { isSameFile, pathSeenBy } from '../../kernel/nebula/process-root.ts'

const COPY_IT = 'copy it there, or correct its path'

export async function gatherNebulaFile(context: GatherContext): Promise<Facts['nebulaFile']> {
  const { state, path, problems } = await load(context)
  const { nebula } = await context.get('settings')
  return { state, path, problems, settingsPath: nebula.config }
}

/**
 * Gathers Nebula's configuration.
 * @throws Error when there is none, or it cannot be read
 */
export async function gatherNebulaConfig(context: GatherContext): Promise<Facts['nebulaConfig']> {
  const { state, facts, problems } = await load(context)
  if (state !== 'read') throw new Error(problems.join('; '))
  return facts
}

/**
 * Gathers the certificate that Nebula is configured with.
 * @throws Error when there is no configuration, or no certificate of this host
 */
export async function gatherNebulaCertificate({ get }: GatherContext): Promise<Facts['nebulaCertificate']> {
  const [{ pki }, { nebula }, { fingerprint }, pid] = await Promise.all([
    get('nebulaConfig'),
    get('settings'),
    get('identity'),
    ownProcess(get).then((own) => own?.pid),
  ])
  const own = parseCertificates(readRequired(nebula.cert, 'host certificate', COPY_IT), nebula.cert)
  const notAfter = Math.min(...own.map((block) => block.notAfter))
  return { nebula: fingerprintsOf(pki.cert, pid), flatnet: { source: nebula.cert, fingerprint, notAfter } }
}

async function load({ get }: GatherContext): Promise<NebulaConfig> {
  const [{ nebula }, own] = await Promise.all([get('settings'), ownProcess(get)])
  if (own?.config === undefined) return loadNebulaConfig(nebula.config)
  const path = pathSeenBy(own.pid, own.config)
  // A container may have the same file under another path.
  return loadNebulaConfig(isSameFile(path, nebula.config) ? nebula.config : path)
}

// Without a certificate it is unknown which process belongs to this host.
function ownProcess(get: GatherContext['get']): Promise<NebulaProcess | undefined> {
  return get('nebula').then(
    ({ own }) => own,
    (error: unknown) => {
      if (isLate(error)) throw error
      return undefined
    },
  )
}

function fingerprintsOf(
  material: PkiMaterial | undefined,
  pid: number | undefined,
): Facts['nebulaCertificate']['nebula'] {
  if (material === undefined) return { source: 'nothing', fingerprints: [], problem: 'is not set' }
  const source = 'path' in material ? material.path : 'inline'
  try {
    const pem =
      'path' in material ? readRequired(placeOf(material.path, pid), 'certificate', COPY_IT) : material.pem
    const fingerprints = parseCertificates(pem, source).map(({ fingerprint }) => fingerprint)
    return { source, fingerprints, problem: undefined }
  } catch (error) {
    const problem = error instanceof CniError ? error.details : errorText(error)
    return { source, fingerprints: [], problem }
  }
}

function placeOf(path: string, pid: number | undefined): string {
  return pid === undefined ? path : pathSeenBy(pid, path)
}
