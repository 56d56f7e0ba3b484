// Applies settings and certificates that have changed. If they are wrong, the earlier ones stay.

import { unixSeconds } from '../../unix-time.ts'
import { loadWorld, worldStamp } from '../world/world.ts'
import type { PeerIntake } from './peer-intake.ts'
import { prepareHost } from './prepare-host.ts'
import { areAuthoritiesDue, takeAuthorities } from './take-authorities.ts'
import { renewalOf, takeRenewal } from './take-renewal.ts'
import { tellNebula } from './tell-nebula.ts'
import type { UpkeepParts } from './parts.ts'

interface TakeOver {
  /** Returns whether files have changed since they were read. */
  readonly isDue: () => boolean
  /** Reads the files and applies them. @throws CniError that names file and key */
  readonly run: () => Promise<void>
  /** Tells Nebula what is revoked, again in the next round if it fails. @throws CniError */
  readonly tell: () => Promise<void>
  /** Makes the next run log what is wrong, even if it was logged before. */
  readonly askedFor: () => void
}

export function makeTakeOver(parts: UpkeepParts, intake: Pick<PeerIntake, 'take'>): TakeOver {
  const { world, change, routes, log } = parts
  let seen = worldStamp(world())
  let tried = ''

  const read = async (): Promise<void> => {
    // The stamp precedes the reading, so the next look notices a change in between.
    const stamp = worldStamp(world())
    const isTriedAgain = stamp === tried
    tried = stamp
    seen = stamp
    try {
      change(await loadWorld(unixSeconds(new Date()), isTriedAgain ? () => undefined : log, world()))
    } catch (error) {
      // A certificate that is not valid yet, or a gateway out of reach: the same files may be good later.
      seen = ''
      throw error
    }
  }

  const tell = async (): Promise<void> => {
    try {
      tellNebula(world(), log)
    } catch (error) {
      seen = ''
      throw error
    }
  }

  // One that was not valid yet by this host's clock, or that a killed agent had no time for.
  const mayRenew = (): boolean => renewalOf(world(), unixSeconds(new Date()))?.differences.length === 0

  return {
    isDue: () => worldStamp(world()) !== seen || mayRenew() || areAuthoritiesDue(world()),
    run: async () => {
      await read()
      try {
        // A new CA first, for the certificate that it has signed; an old one goes after its certificate.
        if (takeAuthorities(world(), log)) await read()
        if (takeRenewal(world(), unixSeconds(new Date()), log)) await read()
        if (takeAuthorities(world(), log)) await read()
        await tell()
        await prepareHost(world(), unixSeconds(new Date()), log)
      } finally {
        await intake.take()
        await routes.reconcile()
      }
      log('info', 'settings taken over')
    },
    tell,
    askedFor: () => (tried = ''),
  }
}
