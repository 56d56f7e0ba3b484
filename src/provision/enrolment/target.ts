// Where an invitation waits, as someone types it: ADDRESS, ADDRESS:PORT, [ADDRESS]:PORT, NAME:PORT.

import { parseIp } from '../../addr/ip.ts'
import { CniCode, CniError } from '../../cni/error.ts'
import { endpoint } from '../office/words.ts'
import { ENROLMENT_PORT } from './channel.ts'

export interface Target {
  /** An address without brackets, or a name. */
  readonly host: string
  readonly port: number
}

/** Returns where to connect, or undefined for a text that is none. */
export function readTarget(text: string): Target | undefined {
  try {
    const isBare = parseIp(text) !== undefined || !/:\d+$/.test(text)
    const [, host = '', port = ''] = /^\[?(.+?)\]?:(\d+)$/.exec(endpoint(text)) ?? []
    return { host, port: isBare ? ENROLMENT_PORT : Number(port) }
  } catch (error) {
    if (!(error instanceof CniError) || error.code !== CniCode.InvalidConfig) throw error
    return undefined
  }
}

/** Returns the target as it is typed: without its port where that is the usual one. */
export function targetText({ host, port }: Target): string {
  const bare = host.includes(':') ? `[${host}]` : host
  return port === ENROLMENT_PORT ? host : `${bare}:${String(port)}`
}

/**
 * Tells whether the operand of join is a target. A file is one of these names, too, so a text that can be
 * both is a file when it exists, or ends like one.
 */
export function isTarget(text: string, isFile: (path: string) => boolean): boolean {
  const target = readTarget(text)
  if (target === undefined || text.includes('/')) return false
  const isNumeric = parseIp(target.host) !== undefined || /:\d+$/.test(text)
  return (isNumeric || !text.endsWith('.flatnet')) && !isFile(text)
}
