// The resolver of this host's containers: answers for the domain and for container addresses from the
// registry, and hands everything else on to the host's resolvers.

import { formatIp, type Ip } from '../../addr/ip.ts'
import { contains } from '../../addr/prefix.ts'
import { bridgeAddress } from '../../addr/range.ts'
import { RESOLV_CONF } from '../../host/names/resolver-files.ts'
import { makeStandIn, type StandIn } from '../../host/names/stand-in.ts'
import type { Log } from '../../log.ts'
import { answer, type Authority } from '../../names/answer.ts'
import { nameserversOf } from '../../names/resolv-conf.ts'
import { datagramLimit, parseQuery, RCODE, writeRefusal, writeReply } from '../../names/wire.ts'
import { clashesIn, makeZone, type NameClash, type NamedHost, type Zone } from '../../names/zone.ts'
import { readCachedText } from '../../state/files/cache.ts'
import { fileStamp } from '../../state/files/source-file.ts'
import type { Registry } from '../registry/registry.ts'
import type { World } from '../world/world.ts'
import { makeForwarder } from './forwarder.ts'
import { makeNameListeners } from './listeners.ts'

interface NamesOptions {
  readonly world: () => Pick<World, 'settings' | 'identity'>
  readonly registry: Pick<Registry, 'own' | 'hosts' | 'follow' | 'isComplete'>
  readonly log: Log
  /** Counts answers by where they come from. */
  readonly count: (from: 'registry' | 'forwarded') => void
  /** The rules in the kernel, the host's resolver file, and the port of it all; for tests. */
  readonly standIn?: StandIn
  readonly resolvConf?: string
  readonly port?: number
}

export interface Names {
  /** Listens on the bridge addresses that there are now, once this host's containers are known. */
  readonly keep: () => Promise<void>
  /** The bridge addresses where it cannot listen, each with the reason. */
  readonly closed: () => ReadonlyMap<string, string>
  /** Names that containers on several hosts have. */
  readonly clashes: () => readonly NameClash[]
  /** Answers what has been asked, and ends. */
  readonly stop: () => Promise<void>
}

const DNS_PORT = 53
// What the runtimes have to say (registry.isComplete) is mostly aliases: worth a moment, not more.
const UNKNOWN_MS = 1000
const LOOK_AGAIN_MS = 50
// For questions that are with the host's resolvers when the agent ends.
const LAST_ANSWERS_MS = 1000

export function startNames(options: NamesOptions): Names {
  const { world, registry, log, count, resolvConf = RESOLV_CONF, port = DNS_PORT } = options
  const place = () => ({ settings: world().settings, subnets: world().identity.subnets })
  const { standIn = makeStandIn(place) } = options
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
  const startedAt = performance.now()
  let isStopped = false
  let turn: Promise<void> = Promise.resolve()
  const keep = async (): Promise<void> => {
    // A resolver that does not know this host's containers yet would deny them.
    if (!registry.isComplete() && performance.now() - startedAt < UNKNOWN_MS) {
      await standIn.step()
      setTimeout(keepInTurn, LOOK_AGAIN_MS).unref()
      return
    }
    await listeners.keep(bridges())
    await (listeners.isOpen() ? standIn.serve() : standIn.step())
    for (const [address, error] of listeners.closed())
      if (!said.has(address)) {
        said.add(address)
        log('warn', 'names not served', { address, error })
      }
  }
  const keepInTurn = (): Promise<void> => {
    turn = turn.then(() => (isStopped ? undefined : keep()))
    return turn
  }
  return {
    keep: keepInTurn,
    closed: listeners.closed,
    clashes: () => clashesIn(authority().zone),
    stop: async () => {
      isStopped = true
      stopFollowing()
      await turn
      await standIn.step()
      await listeners.close(LAST_ANSWERS_MS)
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
