// Watches the links and hops of this host: detects a nebula link that disappears, returns or is recreated,
// and prepares the host again when needed.

import { readLinkIndex } from '../../kernel/proc.ts'
import { unixSeconds } from '../../unix-time.ts'
import { withNetwork } from '../world/world.ts'
import { hostSignature, prepareHost } from './prepare-host.ts'
import type { UpkeepParts } from './parts.ts'

interface NetworkWatch {
  /** Looks at links and hops. @param isThorough prepare the host even if nothing has changed */
  readonly look: (isThorough: boolean) => Promise<void>
  /** Handles the kernel's notice that a link has disappeared. */
  readonly linkGone: (dev: string) => void
}

/** Watches from now on, starting with the network of the agent's world. */
export function watchNetwork(parts: UpkeepParts): NetworkWatch {
  const { world, change, peers, engine, loop, log } = parts
  let nebulaIndex = indexOf(world().network.nebulaDev)
  let signature: string | undefined

  const lost = (restarted: boolean): void => {
    for (const peer of peers.all())
      engine.apply({ kind: 'path', peer, event: { kind: 'link-gone', restarted } })
  }

  return {
    look: async (isThorough) => {
      const before = world().network.nebulaDev
      change(await withNetwork(world()))
      const dev = world().network.nebulaDev
      const index = indexOf(dev)
      if (before !== undefined && dev === undefined) lost(false)
      else if (nebulaIndex !== undefined && index !== undefined && index !== nebulaIndex) lost(true)
      if (index !== undefined) nebulaIndex = index
      // Preparing the host causes notices itself. Without a change there is nothing to prepare.
      const now = await hostSignature(world())
      if (!isThorough && now === signature) return
      await prepareHost(world(), unixSeconds(new Date()), log)
      signature = await hostSignature(world())
      loop.wake()
    },
    linkGone: (dev) => {
      const now = world()
      if (dev !== now.network.nebulaDev) return
      // Acts before any look: the kernel uses the gateway route already, and the peer must be told.
      change({ ...now, network: { ...now.network, nebulaDev: undefined } })
      lost(false)
    },
  }
}

function indexOf(dev: string | undefined): number | undefined {
  return dev === undefined ? undefined : readLinkIndex(dev)
}
