// Takes a renewed certificate of this host whatever it changes.

import { loadAgentIdentity } from '../host/identity/agent-identity.ts'
import { heldStatements } from '../host/identity/statements.ts'
import { loadSettings } from '../host/identity/settings.ts'
import { installCertificate } from '../host/nebula/install-certificate.ts'
import { ownRenewal } from '../provision/statement/renewal.ts'
import { unixSeconds } from '../unix-time.ts'
import { tellAgent } from './hand-over.ts'

/** What was accepted. */
interface AcceptedRenewal {
  readonly differences: readonly string[]
  /** Why the agent does not use it yet; undefined if it does. */
  readonly agent: string | undefined
}

/** Installs the renewed certificate that waits; undefined if there is none. @throws CniError */
export async function acceptRenewal(): Promise<AcceptedRenewal | undefined> {
  const settings = loadSettings({})
  const now = unixSeconds(new Date())
  const identity = loadAgentIdentity(settings, now)
  const { revoked, renewed } = heldStatements(settings, identity.pool)
  const found = ownRenewal(renewed, identity, { now, blocklist: revoked })
  if (found === undefined) return undefined
  installCertificate(settings, found.pem)
  return { differences: found.differences, agent: await tellAgent(settings, identity.pool) }
}
