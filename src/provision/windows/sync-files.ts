// The two files between the agent and the task of Windows: what the agent asks for, and what became of it.

import { formatIp } from '../../addr/ip.ts'
import { parsePrefix, type Prefix } from '../../addr/prefix.ts'
import { configError, describe, parseObject, stringList } from '../../config/shape.ts'
import { withoutMark } from '../../config/source-text.ts'
import { isObject } from '../../json.ts'
import { type PeerRoute } from './plan.ts'
import { hostAddress } from './values.ts'

/** Where both are, as this host sees them: /etc/flatnet/windows.json. */
export interface SyncPlaces {
  readonly wanted: string
  readonly status: string
}

/** @throws CniError DecodeFailure, InvalidConfig */
export function parsePlaces(text: string, source: string): SyncPlaces {
  const object = parseObject(text, source)
  const path = (key: 'wanted' | 'status'): string => {
    const value = object[key]
    if (typeof value === 'string' && /^\/\P{Cc}+$/u.test(value) && !value.split('/').includes('..'))
      return value
    throw configError(`${source}: ${key}`, `needs an absolute path, got ${describe(value)}`)
  }
  return { wanted: path('wanted'), status: path('status') }
}

export function renderPlaces(places: SyncPlaces): string {
  return `${JSON.stringify(places, null, 2)}\n`
}

/** Returns what the agent asks for. flatnet-sync.ps1 judges every value again. */
export function renderWanted(wslAddress: string, routes: readonly PeerRoute[]): string {
  return `${JSON.stringify({ version: 1, wslAddress, routes }, null, 1)}\n`
}

/** What the task did last. */
export interface SyncStatus {
  /** Unix seconds. */
  readonly at: number
  /** Addresses of Windows on its LAN, with host bits. */
  readonly lanAddresses: readonly Prefix[]
  readonly problems: readonly string[]
  /** Steps that changed something, as flatnet-sync.ps1 names them. */
  readonly changed: readonly string[]
}

/** Reads status.json. @throws CniError DecodeFailure, InvalidConfig */
export function parseStatus(text: string, source: string): SyncStatus {
  const object = parseObject(withoutMark(text), source)
  const at = typeof object['at'] === 'string' ? Date.parse(object['at']) : NaN
  if (object['version'] !== 1 || Number.isNaN(at))
    throw configError(source, 'needs version 1 and the time in at: join this host again')
  const steps = Array.isArray(object['steps']) ? object['steps'] : []
  return {
    at: Math.floor(at / 1000),
    lanAddresses: stringList(object['lanAddresses'], `${source}: lanAddresses`).flatMap((each) => {
      const prefix = parsePrefix(each)
      return prefix?.family === 4 ? [prefix] : []
    }),
    problems: stringList(object['problems'], `${source}: problems`),
    changed: steps.flatMap((step) =>
      isObject(step) && step['state'] === 'changed' && typeof step['step'] === 'string' ? [step['step']] : [],
    ),
  }
}

/** Returns the address of Windows that other hosts route through; undefined without one. */
export function lanAddressOf({ lanAddresses }: SyncStatus): string | undefined {
  const [first] = lanAddresses
  if (first === undefined) return undefined
  return hostAddress(formatIp({ family: first.family, value: first.value }), 'lanAddresses')
}
