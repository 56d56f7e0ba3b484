// Tells the task of Windows which routes it has to keep, and reads from it where Windows is on the LAN.
// The task runs with the rights that Windows was asked for once, so no change needs consent.

import { networkInterfaces } from 'node:os'
import { dirname } from 'node:path'
import { errorText } from '../../cni/error.ts'
import type { Log } from '../../log.ts'
import {
  lanAddressOf,
  parseStatus,
  renderWanted,
  type SyncStatus,
} from '../../provision/windows/sync-files.ts'
import { type PeerPlace, routesOf, wantedRoutes } from '../../provision/windows/wanted-routes.ts'
import { makeFolder, readText, replaceFile } from '../../state/files/atomic.ts'
import { windowsPlaces } from '../../state/joined/windows-places.ts'
import type { KnownHost } from '../registry/registry.ts'
import type { World } from '../world/world.ts'

export interface WindowsWatch {
  /** Looks at what the task says, and writes what it should do where that has changed. Never throws. */
  readonly look: (hosts: readonly Pick<KnownHost, 'peer' | 'state'>[]) => void
  /** The address of Windows on its LAN; undefined where Windows does not route for this host. */
  readonly lanAddress: () => string | undefined
}

export function watchWindows(world: () => Pick<World, 'identity' | 'network'>, log: Log): WindowsWatch {
  let status: SyncStatus | undefined
  let said: string | undefined
  const look = (hosts: Parameters<WindowsWatch['look']>[0]): void => {
    const places = windowsPlaces()
    const text = places === undefined ? undefined : readText(places.status)
    if (places === undefined || text === undefined) {
      status = undefined
      return
    }
    status = parseStatus(text, places.status)
    const { identity, network } = world()
    const address = addressOn(network.gateways.find(({ via }) => via?.family === 4)?.dev)
    if (address === undefined) return
    const before = readText(places.wanted)
    const own = { address, subnets: identity.subnets }
    const routes = wantedRoutes(own, hosts.map(placeOf), routesOf(before ?? ''), status.lanAddresses)
    const wanted = renderWanted(address, routes)
    if (wanted === before) return
    makeFolder(dirname(places.wanted))
    replaceFile(places.wanted, wanted, false)
    log('info', 'Windows told', { what: `${String(routes.length)} routes` })
  }
  return {
    look: (hosts) => {
      try {
        look(hosts)
        said = undefined
      } catch (error) {
        // Drive C may be gone for a while. The agent's own work does not wait for it.
        if (errorText(error) !== said) log('warn', 'Windows not told', { error: errorText(error) })
        said = errorText(error)
      }
    },
    lanAddress: () => (status === undefined ? undefined : lanAddressOf(status)),
  }
}

// The address of WSL2 on the link to Windows.
function addressOn(dev: string | undefined): string | undefined {
  const all = dev === undefined ? undefined : networkInterfaces()[dev]
  return all?.find(({ family }) => family === 'IPv4')?.address
}

// Where a host reaches the HTTP Gateway of another is where that one's subnet is reached, too.
function placeOf({ peer, state }: Pick<KnownHost, 'peer' | 'state'>): PeerPlace {
  const told = /^([0-9.]+):\d+$/.exec(state?.httpGateway ?? '')?.[1]
  return { subnets: peer.contact.facts.subnets, lanAddress: told }
}
