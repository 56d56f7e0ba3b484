// Checks whether another host's response has the shape of a host view. It may come from another version or be
// arbitrary data. Only the fields that view comparisons read are checked.

import { isObject } from '../json.ts'
import type { HostView, PeerView } from './host.ts'

/** Returns the view, or undefined for anything else. */
export function readHostView(value: unknown): HostView | undefined {
  return isHostView(value) ? (value as unknown as HostView) : undefined
}

/** Like {@link readHostView}, for the local agent's answer about another host. */
export function readPeerView(value: unknown): PeerView | undefined {
  const isOne =
    isObject(value) &&
    isHostView(value['report']) &&
    isPath(value['path']) &&
    isNumber(value['clockAheadMs']) &&
    isNumber(value['roundTripMs'])
  return isOne ? (value as unknown as PeerView) : undefined
}

function isHostView(value: unknown): boolean {
  return (
    isObject(value) &&
    value['version'] === 1 &&
    isText(value['name']) &&
    isObject(value['agent']) &&
    isText(value['agent']['version']) &&
    isNumber(value['clockMs']) &&
    Array.isArray(value['cas']) &&
    value['cas'].every(isText) &&
    isObject(value['certificate']) &&
    isText(value['certificate']['fingerprint']) &&
    isNumber(value['mtuBytes']) &&
    (value['path'] === null || isPath(value['path']))
  )
}

function isPath(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['phase']) &&
    isText(value['reason']) &&
    [value['p2p'], value['tunnel'], value['gateway']].every(isLane)
  )
}

function isLane(value: unknown): boolean {
  return (
    isObject(value) &&
    isNumber(value['sent']) &&
    (value['heardAgoMs'] === null || isNumber(value['heardAgoMs']))
  )
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value)
}
