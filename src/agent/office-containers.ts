// The containers of all hosts: each agent answers for its own, and is asked over the overlay.

import { parseIp } from '../addr/ip.ts'
import { contains } from '../addr/prefix.ts'
import { isObject } from '../config/shape.ts'
import { type ContainersView, type ContainerView, isContainerView } from '../api/containers.ts'
import type { PeerFacts } from '../nebula/peer.ts'
import { listContainers } from '../host/containers.ts'
import { askHost, targetAt } from './ask-host.ts'
import type { HttpMounts } from './http.ts'
import type { AgentPeer } from './peer.ts'
import type { PeerSet } from './peer-set.ts'
import { shared } from './shared.ts'
import type { World } from './world.ts'

const CONTAINERS_PATH = '/v1/containers'
// A thousand containers with names and ports.
const MOST_BYTES = 2_097_152

/** Answers for the own host. @param list this host's containers */
export function containersMount(list: () => Promise<readonly ContainerView[]>): HttpMounts {
  const listLately = shared(list)
  return {
    [CONTAINERS_PATH]: {
      methods: ['GET'],
      handle: async (_, response) => {
        response.setHeader('content-type', 'application/json')
        response.end(`${JSON.stringify({ version: 1, containers: await listLately(), silent: [] })}\n`)
      },
    },
  }
}

/**
 * The own host's, and with `all` everybody's. @param refused told of each entry of another host that is left out
 * @throws CniError when the own state cannot be read
 */
export async function containersView(
  world: World,
  peers: PeerSet,
  all: boolean,
  refused: (why: string) => void,
): Promise<ContainersView> {
  const containers = [...(await ownContainers(world))]
  if (!all) return { version: 1, containers, silent: [] }
  const silent: { host: string; reason: string }[] = []
  await Promise.all(
    [...peers.all()].map(async (peer) => {
      const said = await ask(world, peer, refused)
      if (typeof said === 'string') silent.push({ host: peer.contact.facts.name, reason: said })
      else containers.push(...said)
    }),
  )
  silent.sort((a, b) => a.host.localeCompare(b.host, 'en'))
  return { version: 1, containers, silent }
}

/** Those of this host. @throws CniError */
export function ownContainers({ settings, identity }: World): Promise<readonly ContainerView[]> {
  return listContainers(settings.stateDir, identity.name, new Date())
}

async function ask(
  { agent }: World,
  { contact }: AgentPeer,
  refused: (why: string) => void,
): Promise<readonly ContainerView[] | string> {
  const target = targetAt(contact, 'tunnel', agent.port)
  if (target === undefined) return 'no overlay address of a shared family'
  const answer = await askHost(target, { method: 'GET', path: CONTAINERS_PATH }, undefined, MOST_BYTES)
  if ('why' in answer) return answer.why
  return (
    parse(answer.body.toString('utf8'), contact.facts, refused) ??
    `answer ${String(answer.status)} not understood`
  )
}

// Each host is the only authority for its own, and for no more than that: whatever it says, the entries go by its name, and
// have addresses that its certificate gives it.
function parse(
  text: string,
  { name: host, subnets }: PeerFacts,
  refused: (why: string) => void,
): readonly ContainerView[] | undefined {
  const isItsOwn = (address: string): boolean => {
    const ip = parseIp(address)
    return ip !== undefined && subnets.some((subnet) => contains(subnet, ip))
  }
  try {
    const value: unknown = JSON.parse(text)
    if (!isObject(value) || value['version'] !== 1 || !Array.isArray(value['containers'])) return undefined
    const entries = value['containers'] as readonly unknown[]
    return entries.filter(isContainerView).flatMap((entry) => {
      if (entry.addresses.every(isItsOwn)) return [{ ...entry, host }]
      refused('container-address')
      return []
    })
  } catch {
    return undefined
  }
}
