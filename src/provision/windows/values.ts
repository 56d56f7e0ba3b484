// What comes from outside and goes into PowerShell: each kind of value has its own grammar. Whatever fits is
// still quoted (quote.ts).

import { parseIp } from '../../addr/ip.ts'
import { contains, networkOf, parsePrefix, type Prefix } from '../../addr/prefix.ts'
import { configError, describe } from '../../config/shape.ts'

/** An absolute path on a drive, as Windows itself names its folders. @throws CniError InvalidConfig */
export function windowsPath(value: unknown, name: string): string {
  // No stream, no wildcard, no UNC path, nothing that leads out again (learn.microsoft.com: Naming Files).
  const isPath = typeof value === 'string' && /^[A-Za-z]:\\[^\p{C}\p{Zl}\p{Zp}"<>|?*:/]*$/u.test(value)
  if (!isPath || value.length > 240 || value.split('\\').includes('..'))
    throw configError(name, `needs a path like C:\\Users\\me, got ${describe(value)}`)
  return value
}

/** The name of an interface, in any language. @throws CniError InvalidConfig */
export function interfaceAlias(value: unknown, name: string): string {
  const isAlias = typeof value === 'string' && /^[^\p{C}\p{Zl}\p{Zp}]{1,256}$/u.test(value)
  if (!isAlias) throw configError(name, `needs the name of an interface, got ${describe(value)}`)
  return value
}

/** A user's security identifier (MS-DTYP, section 2.4.2.1). @throws CniError InvalidConfig */
export function securityId(value: unknown, name: string): string {
  if (typeof value !== 'string' || !/^S-1-\d{1,15}(?:-\d{1,10}){1,15}$/.test(value))
    throw configError(name, `needs a security identifier like S-1-5-21-1-2-3-1001, got ${describe(value)}`)
  return value
}

/** A distribution's name; WSL itself allows no other characters. @throws CniError InvalidConfig */
export function distributionName(value: unknown, name: string): string {
  if (typeof value !== 'string' || !/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/.test(value))
    throw configError(name, `needs the name of a WSL distribution, got ${describe(value)}`)
  return value
}

/** A version like 10.0.22631.0. @throws CniError InvalidConfig */
export function buildNumber(value: unknown, name: string): string {
  if (typeof value !== 'string' || !/^\d{1,6}(?:\.\d{1,6}){1,3}$/.test(value))
    throw configError(name, `needs a version like 10.0.22631, got ${describe(value)}`)
  return value
}

/** An IPv4 address of a host. @throws CniError InvalidConfig */
export function hostAddress(value: unknown, name: string): string {
  const ip = typeof value === 'string' ? parseIp(value) : undefined
  if (typeof value !== 'string' || ip?.family !== 4 || NO_HOST.some((range) => contains(range, ip)))
    throw configError(name, `needs the IPv4 address of a host, got ${describe(value)}`)
  return value
}

const NO_HOST = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3'].flatMap(
  (text) => parsePrefix(text) ?? [],
)

/** An IPv4 network without host bits. @throws CniError InvalidConfig */
export function network(value: unknown, name: string): Prefix {
  const prefix = typeof value === 'string' ? parsePrefix(value) : undefined
  if (prefix?.family !== 4 || networkOf(prefix).value !== prefix.value)
    throw configError(name, `needs an IPv4 network like 10.87.1.0/24, got ${describe(value)}`)
  return prefix
}
