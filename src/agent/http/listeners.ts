// Decides who may ask the agent over HTTP, and for what: metrics on loopback, on the overlay and on
// addresses from the settings; certificates and containers on the overlay only; the view of this host on the
// gateway path too.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { formatIp } from '../../addr/ip.ts'
import { contains } from '../../addr/prefix.ts'
import { probeAddresses } from '../../addr/range.ts'
import type { Settings } from '../../config/settings.ts'
import type { Log } from '../../log.ts'
import { packetsOf, REQUEST_PACKETS } from './ask-host.ts'
import { callerOf, createHttpListeners, type HttpMounts, type HttpPlace, metricsMount } from './http.ts'
import type { World } from '../world/world.ts'

export interface Listeners {
  /** Listens on the addresses that exist now. Call it again when addresses may have appeared. */
  readonly keep: () => Promise<void>
  /** The addresses on which it last failed to listen, and why. Missing addresses do not count. */
  readonly closed: () => ReadonlyMap<string, string>
  readonly close: () => Promise<void>
}

/** What is served to other hosts. */
export interface Offers {
  readonly overlay: HttpMounts
  /** Served on the gateway probe address, because it is needed while Nebula is down. */
  readonly gateway: HttpMounts
}

/** What the listeners answer from. */
interface ListenerParts {
  readonly world: () => Pick<World, 'identity' | 'agent'> & { readonly settings: Pick<Settings, 'pools'> }
  readonly metricsText: () => string
  readonly offers: Offers
  /** Called with the number of packets on the nebula link. */
  readonly onLink: (packets: number) => void
  readonly log: Log
}

export function makeListeners({ world, metricsText, offers, onLink, log }: ListenerParts): Listeners {
  const http = createHttpListeners(world().agent.port)
  const metrics = metricsMount(metricsText)
  let troubled: ReadonlyMap<string, string> = new Map()
  // Containers reach the overlay addresses too, from addresses in the pools.
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
      // While Nebula is down its address does not exist. The next look finds it.
      const problems = (await http.ensure(places())).filter(({ error }) => !error.includes('EADDRNOTAVAIL'))
      for (const { address, error } of problems) {
        if (!troubled.has(address)) log('warn', 'address not usable', { address, error })
      }
      troubled = new Map(problems.map(({ address, error }) => [address, error]))
    },
    closed: () => troubled,
    close: () => http.close(),
  }
}

// An estimate. Counting one packet too few suggests other traffic; one too many hides one such
// packet for a second.
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
