// Whether a bundle may be applied to a host, given what the host was joined to before.

import { CniCode, CniError } from '../../cni/error.ts'
import type { CheckedBundle } from '../bundle/contents.ts'
import type { JoinedHost } from './journal.ts'

/**
 * Refuses the bundle of another office, of another host, and one that is older than what is here.
 * @param before the host as joined; undefined for a new one
 * @param trusted fingerprints of the CAs that it trusts now
 * @throws CniError CertificateRefused that says what to do
 */
export function admit(
  { bundle, authority }: CheckedBundle,
  before: JoinedHost | undefined,
  { source, trusted }: { readonly source: string; readonly trusted: ReadonlySet<string> },
): void {
  if (before === undefined) return
  const here = `this host is ${before.name} of ${before.office}`
  // The office has replaced its CA since.
  if (before.authority !== authority && !trusted.has(authority))
    throw refusal(
      'bundle of another office',
      `${source}: is for ${bundle.name} of ${bundle.office} (CA ${authority.slice(0, 12)}…), but ${here} ` +
        `(CA ${before.authority.slice(0, 12)}…); to move the host: flatnet-cni leave, then join`,
    )
  if (before.name !== bundle.name)
    throw refusal(
      'bundle of another host',
      `${source}: is for ${bundle.name}, but ${here}; give each host its own bundle, or first: ` +
        'flatnet-cni leave',
    )
  if (bundle.serial < before.serial)
    throw refusal(
      'bundle too old',
      `${source}: holds certificate number ${String(bundle.serial)} of the office, but ${here} with ` +
        `number ${String(before.serial)}; use the latest bundle`,
    )
}

/**
 * Refuses to replace a certificate that join did not put here.
 * @param isForeign whether the host has a certificate for another key
 * @throws CniError CertificateRefused
 */
export function refuseForeign(path: string, isForeign: boolean): void {
  if (!isForeign) return
  throw refusal(
    'host has a certificate',
    `${path}: was not put there by join; to replace it and Nebula's configuration (a copy of each is ` +
      'kept, and leave restores it): flatnet-cni join --replace',
  )
}

function refusal(message: string, details: string): CniError {
  return new CniError(CniCode.CertificateRefused, message, details)
}
