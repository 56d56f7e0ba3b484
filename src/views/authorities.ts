// GET /v1/authorities on the agent's local API: which CAs each host trusts, and which certificate it uses, as
// the hosts say when they are asked. Version 1; fields are only ever added.

import { isObject } from '../json.ts'

/** What one host says of itself. */
export interface HostAuthorities {
  readonly name: string
  /** Its first overlay address. */
  readonly overlay: string
  /** Why it does not say; null if it does. */
  readonly silent: string | null
  /** Fingerprints of the CAs that it trusts. */
  readonly trusts: readonly string[]
  /** Fingerprint of its certificate. */
  readonly certificate: string | null
  /** Fingerprint of the CA that has signed it; null if the asking host does not know the certificate. */
  readonly signedBy: string | null
}

export interface AuthoritiesView {
  readonly version: 1
  /** The asking host first, then the others by name. */
  readonly hosts: readonly HostAuthorities[]
}

/** Returns the hosts of the agent's answer; undefined for that of another version. */
export function readAuthorities(value: unknown): readonly HostAuthorities[] | undefined {
  const isView =
    isObject(value) && value['version'] === 1 && Array.isArray(value['hosts']) && value['hosts'].every(isHost)
  return isView ? (value as unknown as AuthoritiesView).hosts : undefined
}

function isHost(value: unknown): boolean {
  return isObject(value) && typeof value['name'] === 'string' && Array.isArray(value['trusts'])
}
