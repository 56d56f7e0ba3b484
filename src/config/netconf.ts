// The network configuration a runtime writes to our standard input (CNI SPEC 1.1.0, sections 1 and 3), or the whole
// configuration of another plugin that delegates IPAM to us (section 4).

import { CniCode, CniError } from '../cni/error.ts'
import type { CniResult, ResultDns } from '../cni/result.ts'
import { SUPPORTED_VERSIONS } from '../cni/supported.ts'
import { type CniVersion, isSupported } from '../cni/version.ts'
import { parseDns, parseRuntimeDns } from './dns.ts'
import { parsePrevResult } from './prev-result.ts'
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
} from './shape.ts'

/** A network configuration, checked; `own` holds the keys that override the host's settings. */
export interface NetConf {
  readonly cniVersion: CniVersion
  readonly name: string
  readonly own: JsonObject
  readonly dns: ResultDns
  readonly runtimeConfig: JsonObject
  readonly argsCni: JsonObject
  readonly prevResult: CniResult | undefined
}

/** The CNI types of this executable. */
export type PluginType = 'flatnet-cni' | 'flatnet-ipam'

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
 * Which of our types a configuration calls. The name we were called by says nothing: a packaged executable sees its own
 * path, and `flatnet-ipam` is a link to it.
 */
export function pluginTypeOf(conf: JsonObject): PluginType {
  const type = anyCase(conf, 'type')
  const ipam = anyCase(conf, 'ipam')
  const isDelegated = isObject(ipam) && anyCase(ipam, 'type') === 'flatnet-ipam'
  return isDelegated && type !== 'flatnet-cni' && type !== 'flatnet-ipam' ? 'flatnet-ipam' : 'flatnet-cni'
}

/** The JSON object on standard input. @throws CniError DecodeFailure */
export function parseStdin(text: string): JsonObject {
  return parseObject(text, 'network configuration')
}

/**
 * Reads the configuration of a call of `flatnet-cni`.
 * @param strict off for DEL and GC, which have to work with whatever ADD was once called with: only what names and finds
 * attachments is read
 * @throws CniError DecodeFailure, IncompatibleVersion, InvalidConfig or UnsupportedField
 */
export function parseNetConf(text: string, strict: boolean): NetConf {
  const conf = parseStdin(text)
  const base = parseProtocol(conf, strict)
  if (strict) {
    // Keys with a "/" are namespaced ("cni.dev/valid-attachments") and belong to others.
    const ours = Object.entries(conf).filter(([key]) => !isProtocolKey(key) && !key.includes('/'))
    refuseUnknownKeys(Object.fromEntries(ours), SETTINGS_KEYS, '')
    refuseForeignIpam(anyCase(conf, 'ipam'))
    refuseAlone(anyCase(conf, 'type'))
  }
  return { ...base, own: settingsIn(conf) }
}

/** What is the same in every configuration, whoever it belongs to. @throws CniError as {@link parseNetConf} does */
export function parseProtocol(conf: JsonObject, strict: boolean): Omit<NetConf, 'own'> {
  const cniVersion = parseVersion(anyCase(conf, 'cniVersion'))
  const name = parseName(anyCase(conf, 'name'))
  if (!strict) return { cniVersion, name, dns: {}, runtimeConfig: {}, argsCni: {}, prevResult: undefined }
  const args = anyCase(conf, 'args')
  const runtimeConfig = optionalObject(anyCase(conf, 'runtimeConfig'), 'runtimeConfig')
  const dns = parseDns(anyCase(conf, 'dns'), 'dns')
  return {
    cniVersion,
    name,
    dns: parseRuntimeDns(runtimeConfig) ?? dns,
    runtimeConfig,
    // CONVENTIONS, "args": their content must never be a reason to fail, hence no error for another shape.
    argsCni: isObject(args) && isObject(args['cni']) ? args['cni'] : {},
    prevResult: parsePrevResult(anyCase(conf, 'prevResult')),
  }
}

/** The keys of an object that are settings; null is absent, as Go writes it. */
export function settingsIn(object: JsonObject): JsonObject {
  const found = SETTINGS_KEYS.map((key) => [key, object[key]] as const)
  return Object.fromEntries(found.filter(([, value]) => value !== undefined && value !== null))
}

// Go runtimes decode keys in any letter case, so "RuntimeConfig" is the protocol's key and no mistake.
function isProtocolKey(key: string): boolean {
  return PROTOCOL_KEYS.some((known) => known.toLowerCase() === key.toLowerCase())
}

function parseName(value: unknown): string {
  const name = optionalString(value, 'name')
  if (name === undefined || !NETWORK_NAME.test(name)) {
    throw configError(
      'name',
      `needs letters, digits, "_", "." and "-", beginning with a letter or digit, got ${describe(name)}`,
    )
  }
  if (name.length > 200) throw configError('name', 'longer than 200 characters')
  return name
}

// SPEC 1.1.0, section 1: the version is compared as text; a configuration without one is 0.1.0 (libcni, DecodeVersion).
function parseVersion(value: unknown): CniVersion {
  const version = value === undefined || value === null || value === '' ? '0.1.0' : value
  if (typeof version !== 'string' || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new CniError(
      CniCode.DecodeFailure,
      'not a CNI version',
      `cniVersion: ${describe(value)} (like "1.0.0" expected)`,
    )
  }
  if (isSupported(version)) return version
  throw new CniError(
    CniCode.IncompatibleVersion,
    'incompatible CNI versions',
    `config is "${version}", plugin supports ${JSON.stringify(SUPPORTED_VERSIONS)}`,
  )
}

function refuseAlone(type: unknown): void {
  if (type !== 'flatnet-ipam') return
  throw configError(
    'type',
    '"flatnet-ipam" gives addresses to another plugin: {"type": "bridge", "ipam": {"type": "flatnet-ipam"}}',
  )
}

// Addresses come from the certificate. `ipam` may stand there for `nerdctl network inspect`, which shows its ranges.
function refuseForeignIpam(value: unknown): void {
  const ipam = optionalObject(value, 'ipam')
  const type = optionalString(anyCase(ipam, 'type'), 'ipam.type')
  if (type !== undefined && type !== 'flatnet-cni' && type !== 'flatnet-ipam') {
    throw configError(
      'ipam.type',
      `${describe(type)} cannot be used: addresses come from the Nebula certificate; remove the key "ipam"`,
    )
  }
}
