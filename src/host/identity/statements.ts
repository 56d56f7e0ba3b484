// The statements of its CAs that this host holds.

import { CniError, errorText } from '../../cni/error.ts'
import type { Settings } from '../../config/settings.ts'
import type { CaPool } from '../../nebula/certificate/ca-pool.ts'
import { type Trust, trustOf } from '../../provision/statement/authorities.ts'
import { verifiedStatement } from '../../provision/statement/envelope.ts'
import {
  isNewer,
  type SignedStatement,
  slotOf,
  STATEMENT_KINDS,
  type StatementKind,
} from '../../provision/statement/statement.ts'
import { readStatement, statementsStamp, updateStatement } from '../../state/agent/statements.ts'

/** What this host holds. */
export interface HeldStatements {
  /** By slot (src/provision/statement/statement.ts). */
  readonly bySlot: ReadonlyMap<string, SignedStatement>
  /** Fingerprints of revoked certificates. */
  readonly revoked: ReadonlySet<string>
  /** Renewed certificates, PEM, not verified yet. */
  readonly renewed: readonly string[]
  /** What they make of the CAs. */
  readonly trust: Trust
  /** Files that cannot be used, in words. */
  readonly problems: readonly string[]
}

/**
 * Reads and verifies all statements of the pool's CAs and of those that they introduce. A damaged one is a
 * problem; never throws for it.
 */
export function heldStatements({ dataDir }: Pick<Settings, 'dataDir'>, pool: CaPool): HeldStatements {
  const bySlot = new Map<string, SignedStatement>()
  const problems: string[] = []
  const trust = trustIn(dataDir, pool)
  for (const slot of slotsOf(trust.pool)) {
    const found = readSlot(dataDir, trust.pool, slot)
    if (found === undefined) continue
    if ('problem' in found) problems.push(found.problem)
    else bySlot.set(slot, found)
  }
  const statements = [...bySlot.values()].map(({ statement }) => statement)
  return {
    bySlot,
    revoked: new Set(
      statements.flatMap((each) =>
        each.kind === 'revocation' ? each.revoked.map(({ fingerprint }) => fingerprint) : [],
      ),
    ),
    renewed: statements.flatMap((each) => (each.kind === 'renewal' ? each.certificates : [])),
    trust,
    problems,
  }
}

function trustIn(dataDir: string, pool: CaPool): Trust {
  return trustOf(pool, (known, authority, kind) => {
    const found = readSlot(dataDir, known, slotOf({ authority, kind }))
    return found === undefined || 'problem' in found ? undefined : found.statement
  })
}

function readSlot(
  dataDir: string,
  pool: CaPool,
  slot: string,
): SignedStatement | { readonly problem: string } | undefined {
  try {
    const file = readStatement(dataDir, slot)
    if (file === undefined) return undefined
    const signed = verifiedStatement(file.text, pool, file.path)
    if (slotOf(signed.statement) === slot) return signed
    return { problem: `${file.path}: holds another statement than its name says: remove it` }
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return { problem: errorText(error) }
  }
}

/** Returns the fingerprints of the CAs that those of the pool have retired. */
export function retiredAuthorities(settings: Pick<Settings, 'dataDir'>, pool: CaPool): ReadonlySet<string> {
  const statements = [...heldStatements(settings, pool).bySlot.values()].map(({ statement }) => statement)
  return new Set(statements.flatMap((each) => (each.kind === 'retirement' ? each.retired : [])))
}

/** Returns a text that changes with the files of {@link heldStatements}. */
export function heldStamp({ dataDir }: Pick<Settings, 'dataDir'>, pool: CaPool): string {
  return statementsStamp(dataDir, slotsOf(trustIn(dataDir, pool).pool))
}

/** How a statement relates to what this host held. */
export type Taken = 'new' | 'known' | 'older'

/**
 * Verifies a statement and stores it if it is newer than the one held.
 * @param ofFile the CAs of this host's file
 * @param source its file, or the host that sent it
 * @throws CniError DecodeFailure, CertificateRefused, or IoFailure
 */
export async function takeStatement(
  { dataDir }: Pick<Settings, 'dataDir'>,
  ofFile: CaPool,
  text: string,
  source: string,
): Promise<{ readonly taken: Taken; readonly signed: SignedStatement }> {
  const { pool } = trustIn(dataDir, ofFile)
  const signed = verifiedStatement(text, pool, source)
  const slot = slotOf(signed.statement)
  let taken: Taken = 'new'
  await updateStatement(dataDir, slot, (heldText) => {
    const held = heldText === undefined ? undefined : readable(heldText, pool, slot)
    if (held !== undefined && !isNewer(signed, held)) {
      taken = held.text === signed.text ? 'known' : 'older'
      return undefined
    }
    taken = 'new'
    return signed.text
  })
  return { taken, signed }
}

// A good statement replaces a damaged file.
function readable(text: string, pool: CaPool, slot: string): SignedStatement | undefined {
  try {
    const signed = verifiedStatement(text, pool, 'held statement')
    return slotOf(signed.statement) === slot ? signed : undefined
  } catch (error) {
    if (error instanceof CniError) return undefined
    throw error
  }
}

function slotsOf(pool: CaPool): readonly string[] {
  return [...pool.authorities.keys()].flatMap((authority) =>
    STATEMENT_KINDS.map((kind: StatementKind) => slotOf({ authority, kind })),
  )
}
