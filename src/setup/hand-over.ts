// Hands a statement to this host, which passes it on to all others.

import { CniCode, CniError } from '../cni/error.ts'
import { askAgent } from '../api/client.ts'
import type { Settings } from '../config/settings.ts'
import { readCaPool } from '../host/identity/agent-identity.ts'
import { heldStatements, type Taken, takeStatement } from '../host/identity/statements.ts'
import { loadSettings } from '../host/identity/settings.ts'
import { blockInNebula } from '../host/nebula/block.ts'
import { changeAuthorities } from '../host/nebula/change-authorities.ts'
import { isThere } from '../state/files/output-file.ts'
import type { SignedStatement } from '../provision/statement/statement.ts'

/** What became of a statement on this host. */
export interface HandedOver {
  readonly taken: Taken
  readonly signed: SignedStatement
  /** Why the agent does not pass it on yet; undefined if it does. */
  readonly agent: string | undefined
}

// A busy agent takes the certificates in first.
const AGENT_MS = 60_000

/**
 * Stores a statement, tells Nebula, and makes the agent pass it on. @param source its file
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
  return { taken, signed, agent: await tellAgent(settings, pool) }
}

/** Tells whether this host is one of the office that signed the statement. */
export function isHostOf({ statement }: SignedStatement): boolean {
  const settings = loadSettings({})
  return isThere(settings.nebula.ca) && readCaPool(settings).authorities.has(statement.authority)
}

/** Makes the agent read its files again and pass statements on. Returns why it did not. */
export async function tellAgent(
  settings: Settings,
  pool: ReturnType<typeof readCaPool>,
): Promise<string | undefined> {
  try {
    const said = await askAgent(settings.runDir, 'POST', '/v1/statements', { timeoutMs: AGENT_MS })
    const { problem } = said as { readonly problem?: unknown }
    return typeof problem === 'string' ? problem : undefined
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    // Nebula at least does not have to wait for the agent.
    const { revoked, trust } = heldStatements(settings, pool)
    changeAuthorities(settings, trust)
    blockInNebula(settings, revoked)
    return `${error.message}: ${error.details}`
  }
}
