// The two errors for a bad certificate: unreadable or refused. Both start with the place
// ("/etc/nebula/host.crt, block 2") and end with the remedy.

import { CniCode, CniError } from '../../cni/error.ts'

/** The reasons under which refusals are counted. */
export type RefusalKind =
  'unreadable' | 'foreign-ca' | 'expired' | 'not-yet-valid' | 'blocklisted' | 'forged' | 'unusable'

/**
 * Returns the error for bytes that are not a certificate, or not in the one form that Nebula writes. Code
 * DecodeFailure.
 */
export function undecodable(where: string, why: string): CniError {
  return new CniError(CniCode.DecodeFailure, 'certificate not readable', `${where}: ${why}`)
}

/**
 * Returns the error for a readable certificate that must not be trusted or cannot be used. Code
 * CertificateRefused.
 */
export function refused(where: string, why: string, kind: RefusalKind = 'unusable'): CniError {
  return new CniError(CniCode.CertificateRefused, 'certificate refused', `${where}: ${why}`, { cause: kind })
}

/** Returns the reason for a refusal from an error of this folder; 'unusable' when no other reason applies. */
export function refusalKind({ code, cause }: CniError): RefusalKind {
  if (code === CniCode.DecodeFailure) return 'unreadable'
  return KINDS.find((kind) => kind === cause) ?? 'unusable'
}

const KINDS: readonly RefusalKind[] = ['foreign-ca', 'expired', 'not-yet-valid', 'blocklisted', 'forged']

/**
 * Returns text from a file in a form that is safe to print: quoted, control characters escaped, at most 80
 * characters of it.
 */
export function quoted(text: string): string {
  // JSON leaves DEL, C1 controls and line separators unescaped, but terminals and log readers may act on
  // them.
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text).replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
