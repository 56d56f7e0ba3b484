// `prevResult`: the result of earlier plugins in the chain, or of our own ADD, in the shape of any version.

import { CniCode, CniError } from '../../cni/error.ts'
import type { CniResult, ResultInterface, ResultIp, ResultRoute } from '../../cni/result.ts'
import { parseDns } from './dns.ts'
import { anyCase, describe } from '../shape.ts'
import { isObject, type JsonObject } from '../../json.ts'

/**
 * Parses a result of any version. Unknown keys inside its entries are kept. Lists may be null, which is how
 * Go writes empty ones. @throws CniError DecodeFailure, or InvalidConfig for resolver settings of the wrong
 * type
 */
export function parsePrevResult(value: unknown): CniResult | undefined {
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) throw undecodable(`prevResult: is ${describe(value)}`)
  const list = (key: string): readonly JsonObject[] => {
    const items = anyCase(value, key) ?? []
    if (!Array.isArray(items) || !items.every(isObject)) {
      throw undecodable(`prevResult.${key}: needs a list of objects`)
    }
    return items
  }
  const early = ['ip4', 'ip6'].flatMap((key) => earlyIp(anyCase(value, key), `prevResult.${key}`))
  return {
    interfaces: list('interfaces').map((link) => ({
      ...link,
      name: text(link, 'name'),
      mac: text(link, 'mac'),
    })) satisfies ResultInterface[],
    ips: [...early.map(({ ip }) => ip), ...list('ips').map((ip) => parseIp(ip))],
    routes: [...early.flatMap(({ routes }) => routes), ...list('routes').map((route) => parseRoute(route))],
    dns: parseDns(anyCase(value, 'dns'), 'prevResult.dns'),
  }
}

// `version` exists only in 0.3.0 to 0.4.0. The writer derives it from the address again.
function parseIp(ip: JsonObject): ResultIp {
  const { version: _, ...rest } = ip
  return { ...rest, address: text(ip, 'address') }
}

function parseRoute(route: JsonObject): ResultRoute {
  return { ...route, dst: text(route, 'dst') }
}

// SPEC 0.1.0 and 0.2.0, "Result": {"ip": "A/LEN", "gateway": …, "routes": […]}.
function earlyIp(value: unknown, path: string): { ip: ResultIp; routes: readonly ResultRoute[] }[] {
  if (value === undefined || value === null) return []
  if (!isObject(value)) throw undecodable(`${path}: is ${describe(value)}`)
  const { ip, gateway, routes } = value
  if (typeof ip !== 'string') throw undecodable(`${path}.ip: is ${describe(ip)}`)
  const list = routes ?? []
  if (!Array.isArray(list) || !list.every(isObject)) {
    throw undecodable(`${path}.routes: needs a list of objects`)
  }
  const hop = typeof gateway === 'string' && gateway !== '' ? { gateway } : {}
  return [{ ip: { address: ip, ...hop }, routes: list.map(parseRoute) }]
}

function text(object: JsonObject, key: string): string {
  const value = object[key]
  return typeof value === 'string' ? value : ''
}

function undecodable(details: string): CniError {
  return new CniError(CniCode.DecodeFailure, 'cannot decode prevResult', details)
}
