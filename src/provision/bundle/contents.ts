// What a bundle holds for its host, and whether that fits together: certificate, CA, key and plan.

import { formatPrefix, parsePrefix, type Prefix } from '../../addr/prefix.ts'
import { formatIp, parseIp } from '../../addr/ip.ts'
import { configError, describe, optionalInteger } from '../../config/shape.ts'
import { CniCode, CniError } from '../../cni/error.ts'
import { isObject, type JsonObject } from '../../json.ts'
import { caPool, type CaPool } from '../../nebula/certificate/ca-pool.ts'
import type { Certificate } from '../../nebula/certificate/certificate.ts'
import { refused } from '../../nebula/certificate/refusal.ts'
import { hostCertificate } from '../../nebula/hosts/host-certificate.ts'
import { keyMatches } from '../../nebula/keys/keypair.ts'
import { endpoint, groupName, hostName } from '../office/words.ts'
import { type Role, ROLES } from '../office/role.ts'
import { refuseOverlaps } from './overlaps.ts'

/** A lighthouse as hosts find it. */
export interface KnownLighthouse {
  readonly name: string
  /** Addresses without a length. */
  readonly overlay: readonly string[]
  /** "192.168.1.5:4242" */
  readonly endpoints: readonly string[]
}

/** A host's bundle. Texts are canonical; PEM texts end with a newline. */
export interface HostBundle {
  /** Counts the certificates that the office has signed; a later bundle has a higher one. */
  readonly serial: number
  readonly office: string
  readonly name: string
  readonly role: Role
  readonly groups: readonly string[]
  readonly overlays: readonly string[]
  readonly pools: readonly string[]
  readonly lighthouses: readonly KnownLighthouse[]
  readonly ca: string
  readonly certificate: string
  readonly key: string
  /** Certificates of the hosts signed before, by name. */
  readonly peers: Readonly<Record<string, string>>
}

/** Returns the bundle as the text that is sealed. */
export function bundleText(bundle: HostBundle): string {
  return JSON.stringify({ version: 1, ...bundle })
}

const KEYS = [
  'version',
  'serial',
  'office',
  'name',
  'role',
  'groups',
  'overlays',
  'pools',
  'lighthouses',
  'ca',
  'certificate',
  'key',
  'peers',
]
const MOST_SERIAL = 1_000_000_000

/** Reads what {@link bundleText} wrote. @throws CniError that names the key */
export function parseBundle(text: string, source: string): HostBundle {
  const object = bundleObject(text, source)
  refuseStrangers(object, KEYS, source)
  if (object['version'] !== 1) throw configError(`${source}: version`, 'needs 1')
  const at = (key: string): string => `${source}: ${key}`
  const read = (key: string): string => textOf(object[key], at(key))
  const role = ROLES.find((each) => each === object['role'])
  if (role === undefined) throw configError(at('role'), `is unknown: ${describe(object['role'])}`)
  return {
    serial: optionalInteger(object['serial'], at('serial'), 1, MOST_SERIAL) ?? missing(at('serial')),
    office: read('office'),
    name: hostName(read('name'), at('name')),
    role,
    groups: textsOf(object['groups'], at('groups')).map((text) => groupName(text, at('groups'))),
    overlays: textsOf(object['overlays'], at('overlays')).map((item) => networkOf(item, at('overlays'))),
    pools: textsOf(object['pools'], at('pools')).map((item) => networkOf(item, at('pools'))),
    lighthouses: lighthousesOf(object['lighthouses'], at('lighthouses')),
    ca: read('ca'),
    certificate: read('certificate'),
    key: read('key'),
    peers: peersOf(object['peers'], at('peers')),
  }
}

/** A bundle whose parts were verified. */
export interface CheckedBundle {
  readonly bundle: HostBundle
  readonly pool: CaPool
  readonly certificate: Certificate
  /** Fingerprint of the CA, which identifies the office. */
  readonly authority: string
  readonly pools: readonly Prefix[]
}

/**
 * Verifies a bundle's certificate and key. @param now Unix seconds
 * @throws CniError CertificateRefused that says what does not fit
 */
export function checkedBundle(bundle: HostBundle, now: number, source: string): CheckedBundle {
  const pool = caPool(bundle.ca, `${source}: ca`)
  const where = `${source}: certificate`
  const { certificate } = hostCertificate(bundle.certificate, pool, { now, source: where })
  if (certificate.name !== bundle.name)
    throw refused(
      where,
      `Name: ${certificate.name}, but the bundle is for ${bundle.name}; have it made again`,
    )
  if (!keyMatches(certificate, bundle.key, `${source}: key`))
    throw refused(`${source}: key`, 'does not belong to the certificate; have the bundle made again')
  const pools = bundle.pools.flatMap((text) => parsePrefix(text) ?? [])
  refuseOverlaps(certificate, bundle.peers, pools, source)
  return { bundle, pool, certificate, authority: certificate.issuer, pools }
}

/**
 * Parses JSON that holds keys. Errors quote nothing of it. @throws CniError DecodeFailure
 */
export function bundleObject(text: string, source: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The parser's own message quotes the text.
  }
  if (isObject(value)) return value
  throw new CniError(
    CniCode.DecodeFailure,
    'not a bundle',
    `${source}: is not one object in JSON: give the file that \`host add\` wrote, or copy it again`,
  )
}

function refuseStrangers(object: JsonObject, known: readonly string[], path: string): void {
  const stranger = Object.keys(object).find((key) => !known.includes(key))
  if (stranger !== undefined) throw configError(path, `has an unknown key ${describe(stranger)}`)
}

function missing(path: string): never {
  throw configError(path, 'is missing')
}

function textOf(value: unknown, path: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw configError(path, 'needs a text')
}

function textsOf(value: unknown, path: string): readonly string[] {
  if (!Array.isArray(value)) throw configError(path, 'needs a list of texts')
  return value.map((item) => textOf(item, path))
}

function networkOf(text: string, path: string): string {
  const network = parsePrefix(text)
  if (network === undefined) throw configError(path, `needs networks like 10.86.0.0/16`)
  return formatPrefix(network)
}

function addressOf(value: unknown, path: string): string {
  const ip = typeof value === 'string' ? parseIp(value) : undefined
  if (ip === undefined) throw configError(path, `needs an address, got ${describe(value)}`)
  return formatIp(ip)
}

function lighthousesOf(value: unknown, path: string): readonly KnownLighthouse[] {
  if (!Array.isArray(value)) throw configError(path, 'needs a list')
  return value.map((item: unknown) => {
    if (!isObject(item)) throw configError(path, 'needs objects')
    refuseStrangers(item, ['name', 'overlay', 'endpoints'], path)
    return {
      name: hostName(textOf(item['name'], path), path),
      overlay: textsOf(item['overlay'], path).map((text) => addressOf(text, path)),
      endpoints: textsOf(item['endpoints'], path).map((text) => endpoint(text, path)),
    }
  })
}

// Names become file names.
function peersOf(value: unknown, path: string): Readonly<Record<string, string>> {
  const object: JsonObject = isObject(value) ? value : missing(path)
  return Object.fromEntries(
    Object.entries(object).map(([name, pem]) => [hostName(name, path), textOf(pem, `${path}.${name}`)]),
  )
}
