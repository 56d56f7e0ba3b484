// What a CA decides after it has signed certificates, as data. Hosts pass statements on as they pass on
// certificates: a statement proves itself, so nothing a host says has to be believed.

/** A certificate that no host must accept any more. */
export interface Revoked {
  readonly name: string
  readonly fingerprint: string
  /** Unix seconds; from then on the certificate is worthless anyway. */
  readonly notAfter: number
}

interface Head {
  readonly office: string
  /** Fingerprint of the CA that signs. */
  readonly authority: string
  /** Counts upwards in each kind; the highest one is valid, alone. */
  readonly sequence: number
  /** ISO 8601, for people. */
  readonly at: string
}

/** Every certificate of the CA that was revoked and has not ended yet. */
export interface Revocation extends Head {
  readonly kind: 'revocation'
  readonly revoked: readonly Revoked[]
}

/** The certificates that hosts have not been given by a bundle: new ones for keys that they have. */
interface Renewal extends Head {
  readonly kind: 'renewal'
  /** PEM, one host each. */
  readonly certificates: readonly string[]
}

/** Another CA that hosts are to trust, in addition to the one that signs. */
export interface Introduction extends Head {
  readonly kind: 'introduction'
  /** PEM of the CA. */
  readonly certificate: string
}

/** CAs that hosts are to trust no longer: those that have introduced the one that signs. */
export interface Retirement extends Head {
  readonly kind: 'retirement'
  /** Fingerprints. */
  readonly retired: readonly string[]
}

export type Statement = Introduction | Revocation | Renewal | Retirement

export type StatementKind = Statement['kind']

export const STATEMENT_KINDS: readonly StatementKind[] = [
  // First, because the statements of the CA that it introduces come behind it.
  'introduction',
  'revocation',
  'renewal',
  'retirement',
]

/** A statement with its file's text, which is what hosts pass on. */
export interface SignedStatement {
  readonly statement: Statement
  readonly text: string
}

/** Names what a statement replaces: the earlier ones of the same CA and kind. */
export function slotOf({ authority, kind }: Pick<Statement, 'authority' | 'kind'>): string {
  return `${authority}.${kind}`
}

/**
 * Tells whether a statement replaces another of the same slot. Two of one sequence come from an office that
 * was copied; every host then keeps the same one of them.
 */
export function isNewer(one: SignedStatement, than: SignedStatement): boolean {
  const [a, b] = [one.statement.sequence, than.statement.sequence]
  return a === b ? one.text > than.text : a > b
}

/**
 * Returns the sequence of a new statement. Counting by the clock keeps an office that was restored from a
 * backup from repeating one. @param last the highest used so far; 0 if none @param now Unix seconds
 */
export function nextSequence(last: number, now: number): number {
  return Math.max(last + 1, now)
}
