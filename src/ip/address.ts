// ip-address(8): commands on the addresses of a link, as data.

import { formatPrefix, type Prefix } from '../addr/prefix.ts'
import type { IpCommand } from './batch.ts'

/**
 * Adds an address to a link; succeeds if it is already there. IPv6 skips duplicate address detection (RFC
 * 4862, section 5.4), because the lease rules out duplicates and a tentative address is unusable for a
 * second.
 * Equivalent to: `ip address replace ADDRESS/LENGTH dev DEV [nodad]`
 */
export function addressReplace(address: Prefix, dev: string): IpCommand {
  const nodad = address.family === 6 ? ['nodad'] : []
  return ['address', 'replace', formatPrefix(address), 'dev', dev, ...nodad]
}

/**
 * Adds an address that only programs that ask for it use. The kernel's source selection avoids an address
 * whose preferred lifetime is over (RFC 6724, section 5, rule 3). For IPv4, it never selects a /32 by itself.
 * Equivalent to: `ip address replace ADDRESS/LENGTH dev DEV [nodad preferred_lft 0]`
 */
export function addressReplaceUnchosen(address: Prefix, dev: string): IpCommand {
  const lifetime = address.family === 6 ? ['preferred_lft', '0'] : []
  return [...addressReplace(address, dev), ...lifetime]
}

/** Deletes an address of a link. Equivalent to: `ip address delete ADDRESS/LENGTH dev DEV` */
export function addressDelete(address: Prefix, dev: string): IpCommand {
  return ['address', 'delete', formatPrefix(address), 'dev', dev]
}
