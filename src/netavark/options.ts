// Turns options of a network (`podman network create -o NAME=VALUE`) into settings. Every value is text, and
// a dot leads into an object: "gateway.via".

import { CniCode, CniError } from '../cni/error.ts'
import { nearest } from '../config/nearest.ts'
import { configError, describe, optionalObject } from '../config/shape.ts'
import type { JsonObject } from '../json.ts'

type Kind = 'text' | 'number' | 'flag' | 'list'

const KINDS: Readonly<Record<string, Kind>> = {
  'nebula.ca': 'text',
  'nebula.cert': 'text',
  'nebula.key': 'text',
  'nebula.config': 'text',
  'nebula.device': 'text',
  pool: 'list',
  mtu: 'number',
  ipMasq: 'flag',
  hairpinMode: 'flag',
  promiscMode: 'flag',
  isolation: 'flag',
  takeOverPorts: 'flag',
  'bandwidth.ingressRate': 'number',
  'bandwidth.ingressBurst': 'number',
  'bandwidth.egressRate': 'number',
  'bandwidth.egressBurst': 'number',
  'gateway.via': 'text',
  'gateway.dev': 'text',
  'metrics.p2p': 'number',
  'metrics.gateway': 'number',
  'names.give': 'flag',
  peers: 'text',
  stateDir: 'text',
  runDir: 'text',
}

// The part after the first dot is a name that may contain dots.
const OPEN = ['peerGateways', 'sysctl']

// Settings for which podman has its own options, and those that belong to the whole host.
const ELSEWHERE: Readonly<Record<string, string>> = {
  bridge: 'podman network create --interface-name sets the bridge',
  routes: 'podman network create --route adds a route',
  agent: 'the agent reads its settings from /etc/flatnet/flatnet.json',
  httpGateway: 'the HTTP Gateway is set in /etc/flatnet/flatnet.json',
  'names.domain': 'the agent reads the domain from /etc/flatnet/flatnet.json',
}

/** The options of one container (`--network flatnet:NAME=VALUE`). */
const OF_CONTAINER = Object.keys(KINDS).filter((name) => name.startsWith('bandwidth.'))

/**
 * Parses a network's options into settings keys.
 * @throws CniError UnsupportedField or InvalidConfig that names the option
 */
export function parseNetworkOptions(value: unknown): JsonObject {
  return parseOptions(optionalObject(value, 'options'), Object.keys(KINDS), OPEN)
}

/** Parses the options of one container on a network in the same way. */
export function parseContainerOptions(value: unknown): JsonObject {
  return parseOptions(optionalObject(value, 'container options'), OF_CONTAINER, [])
}

function parseOptions(options: JsonObject, known: readonly string[], open: readonly string[]): JsonObject {
  const settings: Record<string, unknown> = {}
  for (const [name, text] of Object.entries(options)) {
    if (typeof text !== 'string') throw configError(`option ${name}`, `needs a text, got ${describe(text)}`)
    const dot = name.indexOf('.')
    const [group, key] = dot < 1 ? [name, ''] : [name.slice(0, dot), name.slice(dot + 1)]
    const isKnown = known.includes(name) || (open.includes(group) && key !== '')
    if (!isKnown) throw unknownOption(name, text, known)
    const parsed = parseText(text, KINDS[name] ?? 'text')
    settings[group] = key === '' ? parsed : { ...(settings[group] as JsonObject | undefined), [key]: parsed }
  }
  return settings
}

// Keeps a text that is not of its kind. The check of the settings refuses it by name, or accepts it ("auto").
function parseText(text: string, kind: Kind): unknown {
  if (kind === 'number') return /^\d{1,15}$/.test(text) ? Number(text) : text
  if (kind === 'flag') return text === 'true' ? true : text === 'false' ? false : text
  return kind === 'list' ? text.split(',').map((part) => part.trim()) : text
}

function unknownOption(name: string, value: string, known: readonly string[]): CniError {
  const [group = ''] = name.split('.')
  const like = nearestOption(name, known)
  const hint =
    [name, group]
      .map((each) => (Object.hasOwn(ELSEWHERE, each) ? ELSEWHERE[each] : undefined))
      .find(Boolean) ?? (like === undefined ? `known here: ${known.join(', ')}` : `did you mean ${like}?`)
  return new CniError(CniCode.UnsupportedField, 'unknown option', `${name}=${value} (${hint})`)
}

// Matches the last part of a name too: "via" means "gateway.via".
function nearestOption(name: string, known: readonly string[]): string | undefined {
  const lower = name.toLowerCase()
  const ends = known.filter((each) => each.toLowerCase().split('.').at(-1) === lower)
  if (ends.length === 1) return ends[0]
  const like = nearest(
    lower,
    known.map((each) => each.toLowerCase()),
  )
  return known.find((each) => each.toLowerCase() === like)
}
