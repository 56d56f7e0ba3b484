// Takes a renewed certificate of this host, with all that it changes.

import { loadAgentIdentity } from '../host/identity/agent-identity.ts'
import { loadSettings } from '../host/identity/settings.ts'
import { waitingRenewal } from '../host/identity/waiting-renewal.ts'
import { installCertificate } from '../host/nebula/install-certificate.ts'
import { unixSeconds } from '../unix-time.ts'
import { becomeGateway } from './become-gateway.ts'
import { tellAgent } from './hand-over.ts'

/** What was accepted. */
interface AcceptedRenewal {
  readonly differences: readonly string[]
  /** What it means for this host as a gateway, in sentences. */
  readonly notes: readonly string[]
  /** Why the agent does not use it yet; undefined if it does. */
  readonly agent: string | undefined
}

/** Installs the renewed certificate that waits; undefined if there is none. @throws CniError */
export async function acceptRenewal(): Promise<AcceptedRenewal | undefined> {
  const settings = loadSettings({})
  const now = unixSeconds(new Date())
  const found = waitingRenewal(settings, now)
  if (found === undefined) return undefined
  const { certificate: own } = loadAgentIdentity(settings, now)
  // First, so that a command that was stopped finds the certificate waiting, and goes on.
  const notes = await becomeGateway(settings, own, found.certificate)
  installCertificate(settings, found.pem)
  return { differences: found.differences, notes, agent: await tellAgent(settings) }
}
