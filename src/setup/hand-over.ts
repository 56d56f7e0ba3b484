// Hands a statement to this host, which passes it on to all others.

import { CniCode, CniError } from '../cni/error.ts'
import { askAgent } from '../api/client.ts'
import type { Settings } from '../config/settings.ts'
import { readCaPool } from '../host/identity/agent-identity.ts'
import { type Taken, takeStatement } from '../host/identity/statements.ts'
import { loadSettings } from '../host/identity/settings.ts'
import type { Certificate } from '../nebula/certificate/certificate.ts'
import { parseCertificates } from '../nebula/certificate/parse.ts'
import { lastMoment } from '../nebula/hosts/host-certificate.ts'
import { isThere } from '../state/files/output-file.ts'
import { readOptional } from '../state/files/source-file.ts'
import type { SignedStatement } from '../provision/statement/statement.ts'
import { applyStatements } from './apply-statements.ts'
import { commandToStart } from './start-nebula.ts'

/** What became of a statement on this host. */
export interface HandedOver {
  readonly taken: Taken
  readonly signed: SignedStatement
  /** Why the agent does not pass it on yet; undefined if it does. */
  readonly agent: string | undefined
  /** The certificate that this host has taken with it; undefined if it kept the earlier one. */
  readonly renewed: RenewedOwn | undefined
}

interface RenewedOwn {
  /** Unix seconds. */
  readonly notAfter: number
  /** The command that starts Nebula, where it does not run. */
  readonly next: string | undefined
}

// A busy agent takes the certificates in first.
const AGENT_MS = 60_000

/**
 * Stores a statement, tells Nebula, and makes the agent pass it on. Without an agent, does here what it says.
 * @param source its file
 * @throws CniError for one that is not of this host's CA, or older than what the host holds
 */
export async function handOver(text: string, source: string): Promise<HandedOver> {
  const settings = loadSettings({})
  const pool = readCaPool(settings)
  const { taken, signed } = await takeStatement(settings, pool, text, source)
  if (taken === 'older')
    throw new CniError(
      CniCode.CertificateRefused,
      'statement too old',
      `${source}: is of ${signed.statement.at}, and this host has a newer one: take the latest of the office`,
    )
  const before = ownCertificate(settings)
  const agent = await tellAgent(settings)
  return { taken, signed, agent, renewed: await renewedSince(before, settings) }
}

function ownCertificate({ nebula: { cert } }: Settings): readonly Certificate[] {
  try {
    const pem = readOptional(cert, 'host certificate')
    return pem === undefined ? [] : parseCertificates(pem, cert)
  } catch (error) {
    if (error instanceof CniError) return []
    throw error
  }
}

async function renewedSince(
  before: readonly Certificate[],
  settings: Settings,
): Promise<RenewedOwn | undefined> {
  const known = new Set(before.map(({ fingerprint }) => fingerprint))
  const now = ownCertificate(settings)
  if (now.every(({ fingerprint }) => known.has(fingerprint))) return undefined
  return { notAfter: lastMoment(now), next: await commandToStart(settings) }
}

/** Tells whether this host is one of the office that signed the statement. */
export function isHostOf({ statement }: SignedStatement): boolean {
  const settings = loadSettings({})
  return isThere(settings.nebula.ca) && readCaPool(settings).authorities.has(statement.authority)
}

/** Makes the agent read its files again and pass statements on. Returns why it did not. */
export async function tellAgent(settings: Settings): Promise<string | undefined> {
  try {
    const said = await askAgent(settings.runDir, 'POST', '/v1/statements', { timeoutMs: AGENT_MS })
    const { problem } = said as { readonly problem?: unknown }
    return typeof problem === 'string' ? problem : undefined
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    // This host at least does not have to wait for the agent.
    applyStatements(settings)
    return `${error.message}: ${error.details}`
  }
}
