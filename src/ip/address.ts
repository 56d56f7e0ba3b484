// ip-address(8): commands on the addresses of a link, as data.

import { formatPrefix, type Prefix } from '../addr/prefix.ts'
import type { IpCommand } from './batch.ts'

/**
 * Puts an address on a link, content when it is there already. IPv6 goes without duplicate address detection
 * (RFC 4862, section 5.4): the lease has excluded duplicates, and a tentative address cannot be used for a second.
 * Equivalent to: `ip address replace ADDRESS/LENGTH dev DEV [nodad]`
 */
export function addressReplace(address: Prefix, dev: string): IpCommand {
  const nodad = address.family === 6 ? ['nodad'] : []
  return ['address', 'replace', formatPrefix(address), 'dev', dev, ...nodad]
}

/**
 * Puts an address on a link that is used only by who asks for it: one whose preferred lifetime is over is passed over
 * when the kernel chooses a source (RFC 6724, section 5, rule 3). IPv4 never chooses one of /32 by itself.
 * Equivalent to: `ip address replace ADDRESS/LENGTH dev DEV [nodad preferred_lft 0]`
 */
export function addressReplaceUnchosen(address: Prefix, dev: string): IpCommand {
  const lifetime = address.family === 6 ? ['preferred_lft', '0'] : []
  return [...addressReplace(address, dev), ...lifetime]
}

/** Equivalent to: `ip address delete ADDRESS/LENGTH dev DEV` */
export function addressDelete(address: Prefix, dev: string): IpCommand {
  return ['address', 'delete', formatPrefix(address), 'dev', dev]
}
