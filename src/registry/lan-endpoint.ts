// An address and port on a LAN, as one text: "192.168.1.12:80", "[fd00::12]:80". Pure.

import { formatIp, parseIp } from '../addr/ip.ts'
import { contains, parsePrefix } from '../addr/prefix.ts'

// Where nothing on a LAN can be: this host itself, a single link, groups. A host that named one of these
// would send other hosts' requests to a service that was never meant for it.
const NOT_ON_A_LAN = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/3',
  '::/127',
  '::ffff:0:0/96',
  'fe80::/10',
  'ff00::/8',
].flatMap((text) => parsePrefix(text) ?? [])

/** Returns the text in canonical form; undefined if it is not such an address and port. */
export function parseLanEndpoint(text: string): string | undefined {
  const [, six, four, digits = ''] = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):([1-9]\d{0,4})$/.exec(text) ?? []
  const ip = parseIp(six ?? four ?? '')
  const port = Number(digits)
  if (ip === undefined || port > 65_535 || NOT_ON_A_LAN.some((range) => contains(range, ip))) return undefined
  return formatLanEndpoint(formatIp(ip), port)
}

/** @param address canonical text */
export function formatLanEndpoint(address: string, port: number): string {
  return `${address.includes(':') ? `[${address}]` : address}:${String(port)}`
}
