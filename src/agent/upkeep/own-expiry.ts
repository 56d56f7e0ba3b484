// Warns when this host's own certificate has expired. The agent goes on: it takes a renewal as ever.

import type { Log } from '../../log.ts'
import { lifetimeText } from '../../nebula/hosts/lifetime.ts'
import { unixSeconds } from '../../unix-time.ts'
import type { World } from '../world/world.ts'

/** Makes a function that logs it, once for each certificate. */
export function watchOwnExpiry(world: () => Pick<World, 'identity' | 'settings'>, log: Log): () => void {
  let said = ''
  return () => {
    const { identity, settings } = world()
    const now = unixSeconds(new Date())
    if (now <= identity.notAfter || identity.fingerprint === said) return
    said = identity.fingerprint
    log('warn', 'own certificate has expired', {
      file: settings.nebula.cert,
      error: `${lifetimeText(identity.notAfter, now)}: no other host accepts this one until it is renewed`,
    })
  }
}
