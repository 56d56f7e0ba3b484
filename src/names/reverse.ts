// The names of addresses: "10.2.87.10.in-addr.arpa" (RFC 1035, section 3.5) and "….ip6.arpa" (RFC 3596,
// section 2.5).

import { formatIp, type Ip, parseIp } from '../addr/ip.ts'

/** Returns the address that a name stands for, with its canonical text; undefined for any other name. */
export function reverseIp(labels: readonly string[]): { readonly ip: Ip; readonly text: string } | undefined {
  const [tree, arpa] = labels.slice(-2)
  if (arpa !== 'arpa') return undefined
  const parts = labels.slice(0, -2).toReversed()
  const text =
    tree === 'in-addr' && parts.length === 4
      ? parts.join('.')
      : tree === 'ip6' && parts.length === 32 && parts.every((part) => /^[0-9a-f]$/.test(part))
        ? parts.join('').replaceAll(/(.{4})(?!$)/g, '$1:')
        : undefined
  const ip = text === undefined ? undefined : parseIp(text)
  return ip && { ip, text: formatIp(ip) }
}
