// The resolver of this host's containers: answers for the domain and for container addresses from the
// registry, and hands everything else on to the host's resolvers.

import { formatIp, type Ip } from '../../addr/ip.ts'
import { contains } from '../../addr/prefix.ts'
import { bridgeAddress } from '../../addr/range.ts'
import type { Log } from '../../log.ts'
import { answer, type Authority } from '../../names/answer.ts'
import { nameserversOf } from '../../names/resolv-conf.ts'
import { datagramLimit, parseQuery, RCODE, writeRefusal, writeReply } from '../../names/wire.ts'
import { makeZone, type NamedHost, type Zone } from '../../names/zone.ts'
import { readCachedText } from '../../state/files/cache.ts'
import { fileStamp } from '../../state/files/source-file.ts'
import type { Registry } from '../registry/registry.ts'
import type { World } from '../world/world.ts'
import { makeForwarder } from './forwarder.ts'
import { makeNameListeners } from './listeners.ts'

interface NamesOptions {
  readonly world: () => Pick<World, 'settings' | 'identity'>
  readonly registry: Pick<Registry, 'own' | 'hosts' | 'follow'>
  readonly log: Log
  /** Counts answers by where they come from. */
  readonly count: (from: 'registry' | 'forwarded') => void
  /** The host's resolver file, and the port of it all; for tests. */
  readonly resolvConf?: string
  readonly port?: number
}

export interface Names {
  /** Listens on the bridge addresses that there are now. */
  readonly keep: () => Promise<void>
  /** The bridge addresses where it cannot listen, each with the reason. */
  readonly closed: () => ReadonlyMap<string, string>
  readonly stop: () => void
}

const DNS_PORT = 53
const RESOLV_CONF = '/etc/resolv.conf'

export function startNames(options: NamesOptions): Names {
  const { world, registry, log, count, resolvConf = RESOLV_CONF, port = DNS_PORT } = options
  let zone: Zone | undefined
  let serial = 0
  const stopFollowing = registry.follow(() => {
    zone = undefined
    serial += 1
  })
  const authority = (): Authority => {
    const { settings, identity } = world()
    zone ??= makeZone(hostsOf(identity.name, registry))
    return { zone, domain: settings.names.domain.split('.'), serial, pools: settings.pools }
  }
  const bridges = (): readonly string[] =>
    world().identity.subnets.map((subnet) => formatIp(bridgeAddress(subnet)))
  const forwarder = makeForwarder(resolvers(resolvConf, bridges), port)
  const listeners = makeNameListeners({
    port,
    mayAsk: (from) => world().identity.subnets.some((subnet) => contains(subnet, from)),
    answer: async (message, isTcp) => {
      const query = parseQuery(message)
      if (query === undefined) return undefined
      if ('rcode' in query) return writeRefusal(message, query.rcode)
      const own = answer(query.question, authority())
      if (own !== undefined || query.ednsVersion > 0) {
        count('registry')
        const reply = own ?? { rcode: RCODE.BADVERS, answers: [], authority: [], additional: [] }
        return writeReply(message, query, reply, isTcp ? LONGEST_FRAME : datagramLimit(query))
      }
      count('forwarded')
      return forwarder.resolve({ message, query, isTcp })
    },
  })
  const said = new Set<string>()
  return {
    keep: async () => {
      await listeners.keep(bridges())
      for (const [address, error] of listeners.closed())
        if (!said.has(address)) {
          said.add(address)
          log('warn', 'names not served', { address, error })
        }
    },
    closed: listeners.closed,
    stop: () => {
      stopFollowing()
      listeners.close()
    },
  }
}

const LONGEST_FRAME = 65_535

// This host first, then the others in byte order: so a name on several hosts stands for the nearest one.
function hostsOf(own: string, registry: Pick<Registry, 'own' | 'hosts'>): readonly NamedHost[] {
  const others = registry
    .hosts()
    .map(({ peer, state }) => ({ name: peer.contact.facts.name, containers: state?.containers ?? [] }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return [{ name: own, containers: registry.own().containers }, ...others]
}

// The file changes with the network of a laptop. Its own address in there would lead back to this resolver.
function resolvers(file: string, own: () => readonly string[]): () => readonly Ip[] {
  let stamp: string | undefined
  let found: readonly Ip[] = []
  return () => {
    const now = fileStamp(file)
    if (now !== stamp) found = nameserversOf(readCachedText(file) ?? '')
    stamp = now
    return found.filter((ip) => !own().includes(formatIp(ip)))
  }
}
