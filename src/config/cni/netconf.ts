// The network configuration that a runtime writes to our standard input (CNI SPEC 1.1.0, sections 1 and 3),
// or the full configuration of another plugin that delegates IPAM to us (section 4).

import type { CniEnvironment } from '../../cni/environment.ts'
import { CniCode, CniError } from '../../cni/error.ts'
import type { AttachmentPlace } from '../attachment-request.ts'
import type { CniResult, ResultDns } from '../../cni/result.ts'
import { SUPPORTED_VERSIONS } from '../../cni/supported.ts'
import { type CniVersion, isSupported } from '../../cni/version.ts'
import { parseDns, parseRuntimeDns } from './dns.ts'
import { parsePrevResult } from './prev-result.ts'
import { SETTINGS_KEYS } from '../settings.ts'
import {
  anyCase,
  configError,
  describe,
  optionalObject,
  optionalString,
  parseObject,
  refuseUnknownKeys,
} from '../shape.ts'
import { isObject, type JsonObject } from '../../json.ts'

/** A network configuration, checked. `own` holds the keys that override the host's settings. */
export interface NetConf {
  readonly cniVersion: CniVersion
  readonly name: string
  readonly own: JsonObject
  readonly dns: ResultDns
  readonly runtimeConfig: JsonObject
  readonly argsCni: JsonObject
  readonly prevResult: CniResult | undefined
}

/** The CNI types that this executable implements. */
type PluginType = 'flatnet-cni' | 'flatnet-ipam'

// Keys of the protocol or of runtimes (SPEC 1.1.0, section 1; CONVENTIONS).
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

// SPEC 1.1.0, section 1: the same pattern as for container IDs.
const NETWORK_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/

/**
 * Returns which of our types a configuration calls. argv[0] cannot tell: a packaged executable sees its own
 * path, and `flatnet-ipam` is a link to it.
 */
export function pluginTypeOf(conf: JsonObject): PluginType {
  const type = anyCase(conf, 'type')
  const ipam = anyCase(conf, 'ipam')
  const isDelegated = isObject(ipam) && anyCase(ipam, 'type') === 'flatnet-ipam'
  return isDelegated && type !== 'flatnet-cni' && type !== 'flatnet-ipam' ? 'flatnet-ipam' : 'flatnet-cni'
}

/** Parses the JSON object on standard input. @throws CniError DecodeFailure */
export function parseStdin(text: string): JsonObject {
  return parseObject(text, 'network configuration')
}

/**
 * Parses the configuration of a call to `flatnet-cni`.
 * @param strict false for DEL and GC, which must work with any configuration that ADD once accepted: reads
 * only what names and finds attachments
 * @throws CniError DecodeFailure, IncompatibleVersion, InvalidConfig or UnsupportedField
 */
export function parseNetConf(conf: JsonObject, strict: boolean): NetConf {
  const base = parseProtocol(conf, strict)
  if (strict) {
    // Keys with a "/" are namespaced ("cni.dev/valid-attachments") and not ours.
    const ours = Object.entries(conf).filter(([key]) => !isProtocolKey(key) && !key.includes('/'))
    refuseUnknownKeys(Object.fromEntries(ours), SETTINGS_KEYS, '')
    refuseForeignIpam(anyCase(conf, 'ipam'))
    refuseAlone(anyCase(conf, 'type'))
  }
  return { ...base, own: settingsIn(conf) }
}

/**
 * Parses the parts common to all configurations, ours or a delegating plugin's. @throws CniError as
 * {@link parseNetConf} does
 */
export function parseProtocol(conf: JsonObject, strict: boolean): Omit<NetConf, 'own'> {
  const cniVersion = parseVersion(anyCase(conf, 'cniVersion'))
  const name = parseNetworkName(anyCase(conf, 'name'))
  if (!strict) return { cniVersion, name, dns: {}, runtimeConfig: {}, argsCni: {}, prevResult: undefined }
  const args = anyCase(conf, 'args')
  const runtimeConfig = optionalObject(anyCase(conf, 'runtimeConfig'), 'runtimeConfig')
  const dns = parseDns(anyCase(conf, 'dns'), 'dns')
  return {
    cniVersion,
    name,
    dns: parseRuntimeDns(runtimeConfig) ?? dns,
    runtimeConfig,
    // CONVENTIONS, "args": their content must never cause a failure, so another shape is ignored.
    argsCni: isObject(args) && isObject(args['cni']) ? args['cni'] : {},
    prevResult: parsePrevResult(anyCase(conf, 'prevResult')),
  }
}

/**
 * Names the attachment that a call is about (SPEC 1.1.0, section 2: network, container ID, interface name).
 */
export function placeOf(conf: NetConf, environment: CniEnvironment): AttachmentPlace {
  const { containerID, ifname, netns, allowOwnNetns } = environment
  return {
    key: { network: conf.name, containerID, ifname },
    own: conf.own,
    netns: { path: netns, source: 'CNI_NETNS', allowOwn: allowOwnNetns },
  }
}

/** Returns the settings keys of an object. Null counts as absent, because Go writes it that way. */
export function settingsIn(object: JsonObject): JsonObject {
  const found = SETTINGS_KEYS.map((key) => [key, object[key]] as const)
  return Object.fromEntries(found.filter(([, value]) => value !== undefined && value !== null))
}

// Go runtimes decode keys in any letter case, so "RuntimeConfig" is a valid spelling of the protocol's key.
function isProtocolKey(key: string): boolean {
  return PROTOCOL_KEYS.some((known) => known.toLowerCase() === key.toLowerCase())
}

/** Parses the name of a network (SPEC 1.1.0, section 1). @throws CniError InvalidConfig */
export function parseNetworkName(value: unknown): string {
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

// SPEC 1.1.0, section 1: the version is compared as text. A configuration without one is 0.1.0 (libcni,
// DecodeVersion).
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
    '"flatnet-ipam" assigns addresses for another plugin: ' +
      '{"type": "bridge", "ipam": {"type": "flatnet-ipam"}}',
  )
}

// Addresses come from the certificate. `ipam` is allowed only so that `nerdctl network inspect` can show its
// ranges.
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
