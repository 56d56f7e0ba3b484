// Does what the statements of this host say where no agent runs to do it, as src/agent/upkeep/take-over.ts
// does.

import { CniError } from '../cni/error.ts'
import type { Settings } from '../config/settings.ts'
import { readCaPool } from '../host/identity/agent-identity.ts'
import { heldStatements } from '../host/identity/statements.ts'
import { waitingRenewal } from '../host/identity/waiting-renewal.ts'
import { blockInNebula } from '../host/nebula/block.ts'
import { changeAuthorities } from '../host/nebula/change-authorities.ts'
import { installCertificate } from '../host/nebula/install-certificate.ts'
import { unixSeconds } from '../unix-time.ts'

/**
 * Changes CAs, certificate and blocklist, and makes Nebula read them. @throws CniError that names the file
 */
export function applyStatements(settings: Settings): void {
  const held = (): ReturnType<typeof heldStatements> => heldStatements(settings, readCaPool(settings))
  // A new CA first, for the certificate that it has signed; an old one goes after its certificate.
  changeAuthorities(settings, held().trust)
  const renewal = readyRenewal(settings)
  if (renewal !== undefined) installCertificate(settings, renewal)
  const { trust, revoked } = held()
  changeAuthorities(settings, trust)
  blockInNebula(settings, revoked)
}

// One that differs waits for consent.
function readyRenewal(settings: Settings): string | undefined {
  try {
    const found = waitingRenewal(settings, unixSeconds(new Date()))
    return found?.differences.length === 0 ? found.pem : undefined
  } catch (error) {
    // What is wrong with the present certificate must not keep a revocation away. `check` says what it is.
    if (error instanceof CniError) return undefined
    throw error
  }
}
