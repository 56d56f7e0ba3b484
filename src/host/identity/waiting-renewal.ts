// This host's renewed certificate, as the statements have it.

import type { Settings } from '../../config/settings.ts'
import { type OwnRenewal, ownRenewal } from '../../provision/statement/renewal.ts'
import { loadAgentIdentity } from './agent-identity.ts'
import { heldStatements } from './statements.ts'

/**
 * Returns the renewed certificate that this host has not taken yet. @param now Unix seconds @throws CniError
 */
export function waitingRenewal(settings: Settings, now: number): OwnRenewal | undefined {
  const identity = loadAgentIdentity(settings, now)
  const { revoked, renewed } = heldStatements(settings, identity.pool)
  return ownRenewal(renewed, identity, { now, blocklist: revoked })
}
