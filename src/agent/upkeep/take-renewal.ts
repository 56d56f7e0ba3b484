// Takes this host's renewed certificate from the statements, if it changes nothing but its time.

import { installCertificate } from '../../host/nebula/install-certificate.ts'
import type { Log } from '../../log.ts'
import { type OwnRenewal, ownRenewal } from '../../provision/statement/renewal.ts'
import type { World } from '../world/world.ts'

/** Returns the renewed certificate of this host, if there is one. @param now Unix seconds */
export function renewalOf({ statements, identity, blocklist }: World, now: number): OwnRenewal | undefined {
  return ownRenewal(statements.renewed, identity, { now, blocklist })
}

/** Installs it. Returns whether it did; one that differs waits for consent. @throws CniError */
export function takeRenewal(world: World, now: number, log: Log): boolean {
  const found = renewalOf(world, now)
  if (found === undefined) return false
  const file = world.settings.nebula.cert
  if (found.differences.length > 0) {
    log('warn', 'renewed certificate waits', { file, what: found.differences.join('; ') })
    return false
  }
  installCertificate(world.settings, found.pem)
  log('info', 'certificate renewed', { file, what: found.certificate.fingerprint })
  return true
}
