// Where other hosts reach this host's HTTP Gateway: the address in the settings, that of Windows where it
// forwards to this host, or the one from which this host would send to the Internet.

import { gatewayOptions } from '../../host/http-gateway/configuration.ts'
import { lanAddress } from '../../host/http-gateway/lan-address.ts'
import { readMark } from '../../host/http-gateway/mark.ts'
import { formatHop } from '../../route/hop.ts'
import { formatLanEndpoint, parseLanEndpoint } from '../../registry/lan-endpoint.ts'
import type { World } from '../world/world.ts'

export interface LanAddress {
  /** As it was found last; undefined if no HTTP Gateway is installed. */
  readonly endpoint: () => string | undefined
  /** Whether an HTTP Gateway was installed at the last look. */
  readonly isInstalled: () => boolean
  /**
   * Looks again, by a process only if the network has changed.
   * @returns whether the endpoint has changed
   */
  readonly look: () => Promise<boolean>
}

/** @param windows the address of Windows on its LAN, where it forwards to this host */
export function watchLanAddress(
  world: () => Pick<World, 'settings' | 'network'>,
  windows: () => string | undefined,
): LanAddress {
  let endpoint: string | undefined
  let seen: string | undefined
  let address: string | undefined
  let isInstalled = false
  const find = async (): Promise<string | undefined> => {
    isInstalled = readMark() !== undefined
    if (!isInstalled) return undefined
    const { settings, network } = world()
    const options = gatewayOptions(settings)
    const around = network.gateways.map(formatHop).join()
    if (options.lanAddress === undefined && around !== seen) {
      address = await lanAddress()
      seen = address === undefined ? undefined : around
    }
    const chosen = options.lanAddress ?? windows() ?? address
    return chosen === undefined ? undefined : parseLanEndpoint(formatLanEndpoint(chosen, options.lanPort))
  }
  return {
    endpoint: () => endpoint,
    isInstalled: () => isInstalled,
    look: async () => {
      const before = endpoint
      endpoint = await find()
      return endpoint !== before
    },
  }
}
