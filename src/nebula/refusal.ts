// The two ways in which a certificate fails. Both name the place first ("/etc/nebula/host.crt, block 2") and the remedy last.

import { CniCode, CniError } from '../cni/error.ts'

/** The reasons by which refusals are counted. */
export type RefusalKind =
  'unreadable' | 'foreign-ca' | 'expired' | 'not-yet-valid' | 'blocklisted' | 'forged' | 'unusable'

/** For bytes that are no certificate, or not one in the only form that Nebula writes. Code DecodeFailure. */
export function undecodable(where: string, why: string): CniError {
  return new CniError(CniCode.DecodeFailure, 'certificate not readable', `${where}: ${why}`)
}

/** For a certificate that can be read but must not be believed or cannot be used. Code CertificateRefused. */
export function refused(where: string, why: string, kind: RefusalKind = 'unusable'): CniError {
  return new CniError(CniCode.CertificateRefused, 'certificate refused', `${where}: ${why}`, { cause: kind })
}

/** Why a certificate was refused, of the errors that this folder throws; 'unusable' where no other word fits. */
export function refusalKind({ code, cause }: CniError): RefusalKind {
  if (code === CniCode.DecodeFailure) return 'unreadable'
  return KINDS.find((kind) => kind === cause) ?? 'unusable'
}

const KINDS: readonly RefusalKind[] = ['foreign-ca', 'expired', 'not-yet-valid', 'blocklisted', 'forged']

/** Text that came out of a file, safe to print: quoted, control characters escaped, at most 80 characters of it. */
export function quoted(text: string): string {
  // JSON leaves DEL, C1 controls and the line separators as they are; a terminal or a log reader may act on them.
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text).replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
