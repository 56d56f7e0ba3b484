// Resolver settings, as a configuration, a result and a runtime write them.

import type { ResultDns } from '../cni/result.ts'
import { anyCase, type JsonObject, optionalObject, optionalString, stringList } from './shape.ts'

/** Reads the settings of a configuration or a result. @throws CniError InvalidConfig with `path` */
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
 * The settings of the capability "dns" (CONVENTIONS), which has names of its own for the lists. Undefined when it says
 * nothing. @throws CniError InvalidConfig
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
