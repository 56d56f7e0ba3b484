// runtimeConfig.ipRanges (CONVENTIONS, "ipRanges"): the part of the host subnet to allocate addresses from.

import { type Family, formatIp, type Ip, parseIp } from '../addr/ip.ts'
import { formatPrefix, type Prefix, parsePrefix } from '../addr/prefix.ts'
import { clip, type Span, spanOf } from '../addr/span.ts'
import { anyCase, configError, describe } from './shape.ts'
import { isObject, type JsonObject } from '../json.ts'

/**
 * Parses a list of lists of ranges. The inner lists are joined, because a host has one subnet per family.
 * @throws CniError InvalidConfig with the path of an invalid value
 */
export function parseIpRanges(value: unknown, path: string): readonly Span[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw configError(path, `needs a list, got ${describe(value)}`)
  return value.flatMap((set: unknown, outer) => {
    const at = `${path}[${String(outer)}]`
    if (!Array.isArray(set)) throw configError(at, `needs a list, got ${describe(set)}`)
    return set.map((item: unknown, inner) => parseRange(item, `${at}[${String(inner)}]`))
  })
}

function parseRange(item: unknown, path: string): Span {
  if (!isObject(item)) throw configError(path, `needs an object, got ${describe(item)}`)
  const text = anyCase(item, 'subnet')
  const prefix = typeof text === 'string' ? parsePrefix(text) : undefined
  if (prefix === undefined) throw configError(`${path}.subnet`, `needs a network, got ${describe(text)}`)
  const whole = spanOf(prefix)
  const first = parseEnd(item, 'rangeStart', path, prefix.family) ?? whole.first
  const last = parseEnd(item, 'rangeEnd', path, prefix.family) ?? whole.last
  if (first.value > last.value) throw configError(`${path}.rangeEnd`, 'is before rangeStart')
  return { first, last }
}

function parseEnd(item: JsonObject, key: string, path: string, family: Family): Ip | undefined {
  const value = anyCase(item, key)
  if (value === undefined || value === null || value === '') return undefined
  const ip = typeof value === 'string' ? parseIp(value) : undefined
  if (ip?.family !== family)
    throw configError(`${path}.${key}`, `needs an address of the subnet, got ${describe(value)}`)
  return ip
}

/**
 * Returns the parts of the ranges inside one host subnet. Empty if no range has its family.
 * @throws CniError InvalidConfig if ranges of its family exist but none overlaps the subnet
 */
export function rangesIn(ranges: readonly Span[], subnet: Prefix): readonly Span[] {
  const own = ranges.filter(({ first }) => first.family === subnet.family)
  const parts = own.flatMap((range) => clip(range, subnet) ?? [])
  if (own.length === 0 || parts.length > 0) return parts
  const names = own.map(({ first, last }) => `${formatIp(first)} to ${formatIp(last)}`).join(', ')
  throw configError('address range', `${names} is outside this host's subnet ${formatPrefix(subnet)}`)
}
