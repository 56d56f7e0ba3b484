// Whether what another host says of itself has the shape of a report. It may be of another version, or anything at all;
// only what is looked at here is read by those who lay two views side by side.

import { isObject } from '../config/shape.ts'
import type { HostReport, PeerReport } from './report.ts'

/** The report, or undefined for something else. */
export function readHostReport(value: unknown): HostReport | undefined {
  return isHostReport(value) ? (value as unknown as HostReport) : undefined
}

/** The same for what the agent of this host answers about another one. */
export function readPeerReport(value: unknown): PeerReport | undefined {
  const isOne =
    isObject(value) &&
    isHostReport(value['report']) &&
    isPath(value['path']) &&
    isNumber(value['clockAheadMs']) &&
    isNumber(value['roundTripMs'])
  return isOne ? (value as unknown as PeerReport) : undefined
}

function isHostReport(value: unknown): boolean {
  return (
    isObject(value) &&
    value['version'] === 1 &&
    isText(value['name']) &&
    isObject(value['agent']) &&
    isText(value['agent']['version']) &&
    isNumber(value['clockMs']) &&
    Array.isArray(value['cas']) &&
    value['cas'].every(isText) &&
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
