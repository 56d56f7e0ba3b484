// Who may ask the agent over HTTP, and what: metrics on loopback, on the overlay and where the settings name it;
// certificates and containers on the overlay only, the report on the gateway path too.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { formatIp } from '../addr/ip.ts'
import { contains } from '../addr/prefix.ts'
import { probeAddresses } from '../addr/range.ts'
import type { Settings } from '../config/settings.ts'
import type { Log } from '../log.ts'
import { packetsOf, REQUEST_PACKETS } from './ask-host.ts'
import { callerOf, createHttpListeners, type HttpMounts, type HttpPlace, metricsMount } from './http.ts'
import type { World } from './world.ts'

export interface Listeners {
  /** Listens where it is possible now; to be called again when addresses may have come. */
  readonly keep: () => Promise<void>
  readonly close: () => Promise<void>
}

/** What is mounted for other hosts. */
export interface Offers {
  readonly overlay: HttpMounts
  /** On the gateway probe's address: what has to be had while Nebula is down. */
  readonly gateway: HttpMounts
}

/** @param onLink told of packets on the nebula link */
export function makeListeners(
  world: () => Pick<World, 'identity' | 'agent'> & { readonly settings: Pick<Settings, 'pools'> },
  metricsText: () => string,
  offers: Offers,
  onLink: (packets: number) => void,
  log: Log,
): Listeners {
  const http = createHttpListeners(world().agent.port)
  const metrics = metricsMount(metricsText)
  const troubled = new Set<string>()
  // Containers reach the overlay addresses as well, with addresses of the pools.
  const isContainer = (request: IncomingMessage): boolean => {
    const from = callerOf(request)
    return from !== undefined && world().settings.pools.some((pool) => contains(pool, from))
  }
  const forHosts = (mounts: HttpMounts): HttpMounts =>
    Object.fromEntries(
      Object.entries(mounts).map(([path, { methods, handle }]) => [
        path,
        {
          methods,
          handle: (request, response) => {
            if (!isContainer(request)) {
              countPackets(request, response, onLink)
              return handle(request, response)
            }
            response.writeHead(403, { connection: 'close' })
            response.end('for hosts only\n')
            return undefined
          },
        },
      ]),
    )
  const places = (): readonly HttpPlace[] => {
    const { identity, agent } = world()
    const overlay = identity.overlay.map(formatIp)
    const others = ['127.0.0.1', ...agent.metricsOn.map(formatIp)].filter((each) => !overlay.includes(each))
    return [
      ...[...new Set(others)].map((address) => ({ address, mounts: metrics })),
      ...overlay.map((address) => ({ address, mounts: forHosts({ ...metrics, ...offers.overlay }) })),
      ...gatewayAddresses(world()).map((address) => ({ address, mounts: offers.gateway })),
    ]
  }
  return {
    keep: async () => {
      const problems = await http.ensure(places())
      const addresses = new Set(problems.map(({ address }) => address))
      for (const { address, error } of problems) {
        // While Nebula is down its address is not there; it comes with the next look.
        if (troubled.has(address) || error.includes('EADDRNOTAVAIL')) continue
        troubled.add(address)
        log('warn', 'address not usable', { address, error })
      }
      for (const address of troubled) if (!addresses.has(address)) troubled.delete(address)
    },
    close: () => http.close(),
  }
}

// About as many as there are: of one too few other traffic is suspected, one too many hides one of it for a second.
function countPackets(
  { socket }: IncomingMessage,
  response: ServerResponse,
  onLink: (packets: number) => void,
): void {
  const before = socket.bytesWritten
  onLink(REQUEST_PACKETS)
  response.once('finish', () => onLink(packetsOf(socket.bytesWritten - before)))
}

function gatewayAddresses({ identity }: Pick<World, 'identity'>): readonly string[] {
  return identity.subnets.flatMap((subnet) => {
    const reserved = probeAddresses(subnet)
    return reserved === undefined ? [] : [formatIp(reserved.gateway)]
  })
}
