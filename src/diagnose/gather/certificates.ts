// Gathers the files that identify this host: CA bundle, host certificate, private key.

import { statSync } from 'node:fs'
import type { Facts } from '../../check/facts.ts'
import type { CertificateFile, KeyFile } from '../../check/facts/certificates.ts'
import { CniError, errorText } from '../../cni/error.ts'
import { loadNebulaConfig } from '../../host/identity/nebula-config.ts'
import { caPool } from '../../nebula/certificate/ca-pool.ts'
import type { Certificate } from '../../nebula/certificate/certificate.ts'
import { hostCertificate } from '../../nebula/hosts/host-certificate.ts'
import { keyMatches } from '../../nebula/keys/keypair.ts'
import { parseCertificates } from '../../nebula/certificate/parse.ts'
import { refusalKind } from '../../nebula/certificate/refusal.ts'
import { readOptional } from '../../state/files/source-file.ts'
import type { GatherContext } from '../context.ts'

interface Read extends CertificateFile {
  readonly text: string
}

export async function gatherCertificates({ get, now }: GatherContext): Promise<Facts['certificates']> {
  const { nebula } = await get('settings')
  const [ca, host] = [readFile(nebula.ca, 'CA certificate'), readFile(nebula.cert, 'host certificate')]
  const blocklist = new Set(loadNebulaConfig(nebula.config).facts.pki.blocklist)
  return {
    ca: withoutText(ca),
    host: withoutText(host),
    key: readKey(nebula.key, host.certificates.at(-1)),
    ...believe(ca, host, { now, blocklist, source: nebula.cert }),
  }
}

function readFile(path: string, what: string): Read {
  try {
    const text = readOptional(path, what)
    if (text === undefined) return { path, isThere: false, problem: undefined, certificates: [], text: '' }
    return { path, isThere: true, problem: undefined, certificates: parseCertificates(text, path), text }
  } catch (error) {
    return { path, isThere: true, problem: detailsOf(error), certificates: [], text: '' }
  }
}

function withoutText({ path, isThere, problem, certificates }: Read): CertificateFile {
  return { path, isThere, problem, certificates }
}

function readKey(path: string, certificate: Certificate | undefined): KeyFile {
  const stat = statSync(path, { throwIfNoEntry: false })
  const file = { path, isThere: stat !== undefined, mode: (stat?.mode ?? 0) & 0o777, uid: stat?.uid ?? 0 }
  try {
    const text = readOptional(path, 'private key')
    const matches =
      text === undefined || certificate === undefined ? undefined : keyMatches(certificate, text, path)
    return { ...file, problem: undefined, matches }
  } catch (error) {
    return { ...file, problem: detailsOf(error), matches: undefined }
  }
}

function believe(
  ca: Read,
  host: Read,
  options: Parameters<typeof hostCertificate>[2],
): Pick<Facts['certificates'], 'refusal' | 'warnings'> {
  if (ca.certificates.length === 0 || host.certificates.length === 0)
    return { refusal: undefined, warnings: [] }
  try {
    const { warnings } = hostCertificate(host.text, caPool(ca.text, ca.path), options)
    return { refusal: undefined, warnings }
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return { refusal: { kind: refusalKind(error), reason: error.details }, warnings: [] }
  }
}

function detailsOf(error: unknown): string {
  return error instanceof CniError ? error.details : errorText(error)
}
