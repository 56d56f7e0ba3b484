// Makes the statement of an office: what the ledger says, signed with the CA's key.

import { join } from 'node:path'
import { CniError } from '../cni/error.ts'
import { caPool } from '../nebula/certificate/ca-pool.ts'
import { readCaKey, isEncryptedKey } from '../nebula/keys/ca-key.ts'
import { isKeyOf } from '../nebula/keys/keypair.ts'
import type { PrivateKey } from '../nebula/keys/private-key.ts'
import type { CaPool } from '../nebula/certificate/ca-pool.ts'
import type { Certificate } from '../nebula/certificate/certificate.ts'
import { refused } from '../nebula/certificate/refusal.ts'
import { textContent } from '../provision/host/wanted.ts'
import { renewedSoFar } from '../provision/office/renewed.ts'
import { lastSequence, revokedSoFar } from '../provision/office/revoked.ts'
import type { LedgerEntry, Stating } from '../provision/office/ledger.ts'
import { signedStatement, verifiedStatement } from '../provision/statement/envelope.ts'
import {
  isNewer,
  nextSequence,
  type SignedStatement,
  type Statement,
  type StatementKind,
} from '../provision/statement/statement.ts'
import { readText } from '../state/files/atomic.ts'
import { type Office, textOf } from '../state/office/folder.ts'
import { put } from '../state/joined/places.ts'
import { unixSeconds } from '../unix-time.ts'

/** Who signs. */
export interface CaKey {
  readonly authority: Certificate
  readonly pool: CaPool
  readonly key: PrivateKey
}

/**
 * Opens the CA's key. @param passphrase asks for it; called for an encrypted key only
 * @throws CniError for a wrong passphrase or another CA's key
 */
export async function openCaKey(office: Office, passphrase: () => Promise<string>): Promise<CaKey> {
  const { certificate, key: file } = office.ca
  const pool = caPool(textOf(certificate), certificate)
  const text = textOf(file)
  const key = readCaKey(text, file, isEncryptedKey(text) ? await passphrase() : undefined)
  const authority = [...pool.authorities.values()].find((each) => isKeyOf(each, key))
  if (authority === undefined)
    throw refused(file, `is not the key of ${certificate}: restore both from one backup`)
  return { authority, pool, key }
}

/** A statement, and the file that it is in. */
export interface OfficeStatement {
  readonly signed: SignedStatement
  readonly file: string
}

/** Signs what the ledger says of revoked certificates, and writes it into the folder. @throws CniError */
export async function stateRevocation(office: Office, caKey: CaKey): Promise<OfficeStatement> {
  const { head, entries, now } = await next(office, caKey, 'revocation')
  return write(office, caKey, { kind: 'revocation', ...head, revoked: revokedSoFar(entries, now) })
}

/** Signs all renewed certificates of the ledger, and writes them into the folder. @throws CniError */
export async function stateRenewal(office: Office, caKey: CaKey): Promise<OfficeStatement> {
  const { head, entries, now } = await next(office, caKey, 'renewal')
  return write(office, caKey, { kind: 'renewal', ...head, certificates: renewedSoFar(entries, now) })
}

/** Signs that hosts are to trust another CA, too, and writes it into the folder. @param pem of that CA */
export async function stateIntroduction(office: Office, caKey: CaKey, pem: string): Promise<OfficeStatement> {
  const { head } = await next(office, caKey, 'introduction')
  return write(office, caKey, { kind: 'introduction', ...head, certificate: pem })
}

/** Signs that hosts are to trust these CAs no longer, and writes it into the folder. @throws CniError */
export async function stateRetirement(
  office: Office,
  caKey: CaKey,
  retired: readonly string[],
): Promise<OfficeStatement> {
  const { head } = await next(office, caKey, 'retirement')
  return write(office, caKey, { kind: 'retirement', ...head, retired })
}

/**
 * Returns the statement of a kind that is in the folder, if this CA has signed it. @param pool the CA
 */
export function statedSoFar(
  { folder }: Office,
  pool: CaPool,
  kind: StatementKind,
): OfficeStatement | undefined {
  const file = statementFile(folder, kind)
  const signed = earlier(file, pool)
  return signed && { signed, file }
}

function statementFile(folder: string, kind: StatementKind): string {
  return join(folder, `${kind}.statement`)
}

interface Next {
  readonly head: Omit<Statement, 'kind'>
  readonly entries: readonly LedgerEntry[]
  /** Unix seconds. */
  readonly now: number
}

// The ledger as it was when the sequence was taken, so that a higher sequence says at least as much.
async function next(office: Office, { authority }: CaKey, about: StatementKind): Promise<Next> {
  const date = new Date()
  const now = unixSeconds(date)
  let entries: readonly LedgerEntry[] = []
  const { sequence, at } = await office.append((found): Stating => {
    entries = found
    const sequence = nextSequence(lastSequence(found), now)
    return { kind: 'state', at: date.toISOString(), about, sequence }
  })
  return {
    head: { office: office.plan.office, authority: authority.fingerprint, sequence, at },
    entries,
    now,
  }
}

function write(office: Office, { pool, key }: CaKey, statement: Statement): OfficeStatement {
  const signed = signedStatement(statement, key.keyObject(), key.curve)
  const file = statementFile(office.folder, statement.kind)
  // Of two commands in parallel, the later one says everything that the other says.
  const there = earlier(file, pool)
  if (there === undefined || isNewer(signed, there))
    put({ kind: 'file', path: file, mode: 0o600, what: 'statement', content: textContent(signed.text) })
  return { signed, file }
}

function earlier(file: string, pool: CaPool): SignedStatement | undefined {
  try {
    const text = readText(file)
    return text === undefined ? undefined : verifiedStatement(text, pool, file)
  } catch (error) {
    if (error instanceof CniError) return undefined
    throw error
  }
}
