// An invitation as the office keeps it while it waits: what a killed `host invite` goes on from.

import { configError, parseObject } from '../../config/shape.ts'
import type { JsonObject } from '../../json.ts'
import { type Role, ROLES } from '../office/role.ts'
import { groupName, hostName } from '../office/words.ts'

/** How long a code lasts. */
export const INVITATION_SECONDS = 15 * 60

/** What is asked for the host that is invited. */
export interface InvitedHost {
  readonly name: string
  readonly role: Role
  readonly hasContainers: boolean
  readonly isGateway: boolean
  readonly groups: readonly string[]
  /** Where other hosts reach a lighthouse; empty: where it called from. */
  readonly endpoints: readonly string[]
  /** A new key for the addresses that the name has. */
  readonly isAgain: boolean
}

export interface Invitation {
  readonly host: InvitedHost
  /** In words. */
  readonly code: string
  /** Unix seconds. */
  readonly until: number
  /** Entries of the ledger when it was made: what follows for this name belongs to it. */
  readonly ledgerLength: number
  /** The TCP port that it waits on. */
  readonly port: number
  /** Mark of the process that waits. */
  readonly holder: string
}

/** Returns the invitation as text. */
export function invitationText(invitation: Invitation): string {
  return `${JSON.stringify({ version: 1, ...invitation })}\n`
}

/** Reads what {@link invitationText} wrote. Errors quote nothing. @throws CniError that names the key */
export function parseInvitation(text: string, source: string): Invitation {
  const object = parseObject(text, source)
  if (object['version'] !== 1) throw configError(`${source}: version`, 'needs 1')
  const { host } = object
  const wrong = (key: string): never => {
    throw configError(`${source}: ${key}`, 'is missing or has another form')
  }
  const textAt = (from: JsonObject, key: string): string => {
    const value = from[key]
    return typeof value === 'string' && value !== '' ? value : wrong(key)
  }
  const number = (key: string): number => {
    const value = object[key]
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : wrong(key)
  }
  const fields = typeof host === 'object' && host !== null ? (host as JsonObject) : wrong('host')
  const texts = (key: string): readonly string[] => {
    const value = fields[key]
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : wrong(key)
  }
  return {
    host: {
      name: hostName(textAt(fields, 'name'), source),
      role: ROLES.find((each) => each === fields['role']) ?? wrong('role'),
      hasContainers: fields['hasContainers'] === true,
      isGateway: fields['isGateway'] === true,
      groups: texts('groups').map((group) => groupName(group, source)),
      endpoints: texts('endpoints'),
      isAgain: fields['isAgain'] === true,
    },
    code: textAt(object, 'code'),
    until: number('until'),
    ledgerLength: number('ledgerLength'),
    port: number('port'),
    holder: textAt(object, 'holder'),
  }
}

/** Tells whether two invitations ask for the same host. */
export function isSameHost(a: InvitedHost, b: InvitedHost): boolean {
  return JSON.stringify(canonical(a)) === JSON.stringify(canonical(b))
}

function canonical(host: InvitedHost): unknown {
  const { name, role, hasContainers, isGateway, groups, endpoints, isAgain } = host
  return [name, role, hasContainers, isGateway, groups, endpoints, isAgain]
}
