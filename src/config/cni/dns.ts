// Resolver settings in configurations, results and runtime configurations.

import type { ResultDns } from '../../cni/result.ts'
import { anyCase, optionalObject, optionalString, stringList } from '../shape.ts'
import type { JsonObject } from '../../json.ts'

/** Parses the settings of a configuration or a result. @throws CniError InvalidConfig with `path` */
export function parseDns(value: unknown, path: string): ResultDns {
  const dns = optionalObject(value, path)
  const domain = anyCase(dns, 'domain')
  const name = optionalString(domain === '' ? undefined : domain, `${path}.domain`)
  return {
    ...listsOf(dns, path, [
      ['nameservers', 'nameservers'],
      ['search', 'search'],
      ['options', 'options'],
    ]),
    ...(name === undefined ? {} : { domain: name }),
  }
}

/**
 * Parses the settings of the capability "dns" (CONVENTIONS), which names the lists differently. Returns
 * undefined if it is empty. @throws CniError InvalidConfig
 */
export function parseRuntimeDns(runtimeConfig: JsonObject): ResultDns | undefined {
  const path = 'runtimeConfig.dns'
  const dns = listsOf(optionalObject(anyCase(runtimeConfig, 'dns'), path), path, [
    ['servers', 'nameservers'],
    ['searches', 'search'],
    ['options', 'options'],
  ])
  return Object.keys(dns).length === 0 ? undefined : dns
}

function listsOf(dns: JsonObject, path: string, names: readonly (readonly [string, string])[]): ResultDns {
  const lists = names.map(([from, to]) => [to, stringList(anyCase(dns, from), `${path}.${from}`)] as const)
  return Object.fromEntries(lists.filter(([, list]) => list.length > 0))
}
