// Takes a renewed certificate of this host whatever it changes.

import { loadSettings } from '../host/identity/settings.ts'
import { waitingRenewal } from '../host/identity/waiting-renewal.ts'
import { installCertificate } from '../host/nebula/install-certificate.ts'
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
  const found = waitingRenewal(settings, unixSeconds(new Date()))
  if (found === undefined) return undefined
  installCertificate(settings, found.pem)
  return { differences: found.differences, agent: await tellAgent(settings) }
}
