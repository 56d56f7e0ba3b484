// The network configuration a runtime writes to our standard input (CNI SPEC 1.1.0, sections 1 and 3).

import { CniCode, CniError } from '../cni/error.ts'
import type { CniResult, ResultDns, ResultInterface, ResultIp, ResultRoute } from '../cni/result.ts'
import { SUPPORTED_VERSIONS } from '../cni/supported.ts'
import { SETTINGS_KEYS } from './settings.ts'
import {
  anyCase,
  configError,
  describe,
  isObject,
  type JsonObject,
  optionalObject,
  optionalString,
  parseObject,
  refuseUnknownKeys,
  stringList,
} from './shape.ts'

/** A network configuration, checked; `own` holds the keys that override the host's settings. */
export interface NetConf {
  readonly cniVersion: string
  readonly name: string
  readonly own: JsonObject
  readonly dns: ResultDns
  readonly runtimeConfig: JsonObject
  readonly argsCni: JsonObject
  readonly prevResult: CniResult | undefined
}

// The keys that belong to the protocol or to runtimes (SPEC 1.1.0, section 1; CONVENTIONS).
const PROTOCOL_KEYS = [
  'cniVersion',
  'name',
  'type',
  'capabilities',
  'runtimeConfig',
  'args',
  'prevResult',
  'dns',
  'ipam',
]

// SPEC 1.1.0, section 1: the same pattern as the container ID.
const NETWORK_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/

/**
 * Reads a network configuration.
 * @param strict refuse unknown keys and a damaged prevResult; off for DEL, which has to work with whatever ADD was once
 *   called with and needs no prevResult
 * @throws CniError DecodeFailure, IncompatibleVersion, InvalidConfig or UnsupportedField
 */
export function parseNetConf(text: string, strict: boolean): NetConf {
  const conf = parseObject(text, 'network configuration')
  const cniVersion = parseVersion(conf['cniVersion'])
  const name = optionalString(conf['name'], 'name')
  if (name === undefined || !NETWORK_NAME.test(name)) {
    throw configError(
      'name',
      `needs letters, digits, "_", "." and "-", beginning with a letter or digit, got ${describe(name)}`,
    )
  }
  if (name.length > 200) throw configError('name', 'longer than 200 characters')
  if (strict) {
    // Keys with a "/" are namespaced ("cni.dev/valid-attachments") and belong to others.
    const ours = Object.entries(conf).filter(([key]) => !isProtocolKey(key) && !key.includes('/'))
    refuseUnknownKeys(Object.fromEntries(ours), SETTINGS_KEYS, '')
    refuseForeignIpam(conf['ipam'])
  }
  const own: Record<string, unknown> = {}
  for (const key of SETTINGS_KEYS) if (conf[key] !== undefined && conf[key] !== null) own[key] = conf[key]
  return {
    cniVersion,
    name,
    own,
    dns: parseDns(optionalObject(conf['dns'], 'dns'), 'dns'),
    runtimeConfig: optionalObject(anyCase(conf, 'runtimeConfig'), 'runtimeConfig'),
    // CONVENTIONS, "args": their content must never be a reason to fail, hence no error for another shape.
    argsCni: isObject(conf['args']) && isObject(conf['args']['cni']) ? conf['args']['cni'] : {},
    prevResult: strict ? parsePrevResult(conf['prevResult']) : undefined,
  }
}

// Go runtimes decode keys in any letter case, so "RuntimeConfig" is the protocol's key and no mistake.
function isProtocolKey(key: string): boolean {
  return PROTOCOL_KEYS.some((known) => known.toLowerCase() === key.toLowerCase())
}

// SPEC 1.1.0, section 1: the version is compared as text; a configuration without one is 0.1.0 (libcni, DecodeVersion).
function parseVersion(value: unknown): string {
  const version = value === undefined || value === null || value === '' ? '0.1.0' : value
  if (typeof version !== 'string' || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new CniError(
      CniCode.DecodeFailure,
      'not a CNI version',
      `cniVersion: ${describe(value)} (like "1.0.0" expected)`,
    )
  }
  if (!(SUPPORTED_VERSIONS as readonly string[]).includes(version)) {
    throw new CniError(
      CniCode.IncompatibleVersion,
      'incompatible CNI versions',
      `config is "${version}", plugin supports ${JSON.stringify(SUPPORTED_VERSIONS)}`,
    )
  }
  return version
}

// Addresses come from the certificate. `ipam` may stand there for `nerdctl network inspect`, which shows its ranges.
function refuseForeignIpam(value: unknown): void {
  const ipam = optionalObject(value, 'ipam')
  const type = optionalString(ipam['type'], 'ipam.type')
  if (type !== undefined && type !== 'flatnet-cni') {
    throw configError(
      'ipam.type',
      `${describe(type)} cannot be used: addresses come from the Nebula certificate; remove the key "ipam"`,
    )
  }
}

function parseDns(dns: JsonObject, path: string): ResultDns {
  const domain = optionalString(dns['domain'] === '' ? undefined : dns['domain'], `${path}.domain`)
  const lists = Object.fromEntries(
    ['nameservers', 'search', 'options']
      .map((key) => [key, stringList(dns[key], `${path}.${key}`)] as const)
      .filter(([, list]) => list.length > 0),
  )
  return { ...lists, ...(domain === undefined ? {} : { domain }) }
}

function parsePrevResult(value: unknown): CniResult | undefined {
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) {
    throw new CniError(CniCode.DecodeFailure, 'cannot decode prevResult', `prevResult: is ${describe(value)}`)
  }
  const list = (key: string): readonly JsonObject[] => {
    const items = value[key] ?? []
    if (!Array.isArray(items) || !items.every(isObject)) {
      throw new CniError(
        CniCode.DecodeFailure,
        'cannot decode prevResult',
        `prevResult.${key}: needs a list of objects`,
      )
    }
    return items
  }
  return {
    interfaces: list('interfaces').map((link) => ({
      ...link,
      name: text(link, 'name'),
      mac: text(link, 'mac'),
    })) satisfies ResultInterface[],
    ips: list('ips').map((ip) => parsePrevIp(ip)),
    routes: list('routes').map((route) => ({ ...route, dst: text(route, 'dst') })) satisfies ResultRoute[],
    dns: parseDns(optionalObject(value['dns'], 'prevResult.dns'), 'prevResult.dns'),
  }
}

// `version` is a field of 0.3.0 to 0.4.0 only; it is made again from the address when the result is written.
function parsePrevIp(ip: JsonObject): ResultIp {
  const { version: _, ...rest } = ip
  return { ...rest, address: text(ip, 'address') }
}

function text(object: JsonObject, key: string): string {
  const value = object[key]
  return typeof value === 'string' ? value : ''
}
