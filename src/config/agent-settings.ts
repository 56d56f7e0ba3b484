// The settings of the agent: the object "agent" in /etc/flatnet/flatnet.json. Every key has a default.

import { type Ip, formatIp, parseIp } from '../addr/ip.ts'
import { ESCALATION_DEFAULTS, type EscalationOptions } from '../paths/escalation/options.ts'
import { configError, describe, optionalObject, refuseUnknownKeys } from './shape.ts'
import { isObject, type JsonObject } from '../json.ts'

/** Probe intervals. Milliseconds, and fractions from 0 to 1. */
export interface ProbePace {
  /** Probes on the direct path while it carries a peer's traffic or is being tried. */
  readonly fastMs: number
  /** Probes on the direct path otherwise. */
  readonly idleMs: number
  readonly gatewayMs: number
  readonly tunnelMs: number
  /** Probes as large as the MTU, on either path, while traffic flows; `bigIdleMs` otherwise. */
  readonly bigMs: number
  readonly bigIdleMs: number
  /**
   * The fraction by which an interval varies, in either direction (RFC 5880, section 6.8.7: packets of many
   * hosts must not synchronise).
   */
  readonly jitter: number
  /** After a missed probe: the number of probes in a burst and the time between them. */
  readonly burst: number
  readonly burstMs: number
}

/** The agent's settings, checked and complete. */
export interface AgentSettings {
  /** UDP for probes, TCP for certificates and metrics. The same on all hosts. */
  readonly port: number
  /** Overlay addresses of the hosts to ask for certificates first. */
  readonly lighthouses: readonly Ip[]
  /** Further addresses that serve /metrics. */
  readonly metricsOn: readonly Ip[]
  /** The directory of learnt certificates and path history. */
  readonly dataDir: string
  readonly exchangeMs: number
  readonly reconcileMs: number
  readonly gcMs: number
  readonly probe: ProbePace
  readonly escalation: EscalationOptions
}

/** The default settings. */
export const AGENT_DEFAULTS: AgentSettings = {
  port: 4280,
  lighthouses: [],
  metricsOn: [],
  dataDir: '/var/lib/flatnet',
  exchangeMs: 30_000,
  reconcileMs: 30_000,
  gcMs: 60_000,
  probe: {
    fastMs: 250,
    // New traffic speeds the probes up immediately, so this interval is chosen by what idle hosts cost all
    // day.
    idleMs: 5000,
    gatewayMs: 5000,
    // The tunnel lane tells what is wrong rather than whether something is. Bursts and attempts probe it
    // quickly anyway.
    tunnelMs: 15_000,
    bigMs: 2000,
    bigIdleMs: 60_000,
    jitter: 0.25,
    burst: 3,
    burstMs: 60,
  },
  escalation: ESCALATION_DEFAULTS,
}

/**
 * Parses the object and fills in defaults.
 * @param path how errors name the object: "/etc/flatnet/flatnet.json: agent"
 * @throws CniError UnsupportedField for an unknown key, InvalidConfig with the path of an invalid value
 */
export function parseAgentSettings(value: unknown, path: string): AgentSettings {
  const given = optionalObject(value, path)
  const { lighthouses, metricsOn, dataDir, ...rest } = given
  const filled = fill(AGENT_DEFAULTS, rest, path) as AgentSettings
  const settings: AgentSettings = {
    ...filled,
    lighthouses: addresses(lighthouses, `${path}.lighthouses`),
    metricsOn: addresses(metricsOn, `${path}.metricsOn`),
    dataDir: folder(dataDir, `${path}.dataDir`),
  }
  refuseNonsense(settings, path)
  return settings
}

/** Returns the settings as JSON, as `flatnet-cni agent --print-config` shows them. */
export function agentSettingsJson(settings: AgentSettings): JsonObject {
  return {
    ...settings,
    lighthouses: settings.lighthouses.map(formatIp),
    metricsOn: settings.metricsOn.map(formatIp),
  }
}

// The defaults define the keys and the kind of number each takes: names of fractions from 0 to 1 end in
// "most" or "jitter".
function fill(defaults: object, given: JsonObject, path: string): object {
  refuseUnknownKeys(given, Object.keys(defaults), path)
  return Object.fromEntries(
    Object.entries(defaults).map(([key, fallback]: [string, unknown]) => {
      const value = given[key]
      const at = `${path}.${key}`
      if (value === undefined || value === null || Array.isArray(fallback) || typeof fallback === 'string')
        return [key, fallback]
      if (isObject(fallback)) return [key, fill(fallback, optionalObject(value, at), at)]
      return [key, key === 'jitter' || key === 'most' ? part(value, at) : whole(value, at, key)]
    }),
  )
}

function part(value: unknown, path: string): number {
  if (typeof value !== 'number' || !(value >= 0 && value <= 1))
    throw configError(path, `needs a fraction from 0 to 1, got ${describe(value)}`)
  return value
}

// One day. A longer time in milliseconds was probably meant in another unit.
const MOST_MS = 86_400_000

function whole(value: unknown, path: string, key: string): number {
  const [least, most] = key === 'port' ? [1, 65_535] : key.endsWith('Ms') ? [10, MOST_MS] : [1, 1000]
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
    throw configError(
      path,
      `needs a whole number from ${String(least)} to ${String(most)}, got ${describe(value)}`,
    )
  return value
}

function addresses(value: unknown, path: string): readonly Ip[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw configError(path, `needs a list of addresses, got ${describe(value)}`)
  return value.map((item: unknown, index) => {
    const ip = typeof item === 'string' ? parseIp(item) : undefined
    if (ip === undefined)
      throw configError(`${path}[${String(index)}]`, `needs an address, got ${describe(item)}`)
    return ip
  })
}

function folder(value: unknown, path: string): string {
  if (value === undefined || value === null) return AGENT_DEFAULTS.dataDir
  if (typeof value !== 'string' || !value.startsWith('/') || value.includes('\0'))
    throw configError(path, `needs an absolute path, got ${describe(value)}`)
  return value
}

// Refuses values that are valid alone but make no sense together.
function refuseNonsense({ probe, escalation }: AgentSettings, path: string): void {
  if (probe.fastMs * 2 > escalation.silenceMs) {
    const least = `at least twice probe.fastMs (${String(probe.fastMs * 2)})`
    throw configError(
      `${path}.escalation.silenceMs`,
      `needs ${least}, or one lost probe would count as a dead path`,
    )
  }
  const { firstMs, mostMs } = escalation.backoff
  if (firstMs > mostMs)
    throw configError(
      `${path}.escalation.backoff.firstMs`,
      `is longer than backoff.mostMs (${String(mostMs)})`,
    )
}
