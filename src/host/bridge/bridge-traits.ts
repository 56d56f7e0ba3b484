// Corrects traits of a bridge that something else made, from which containers suffer: a MAC that follows its
// ports', and the spanning tree protocol. Also explains what has the name instead of a bridge.

import { type CniError } from '../../cni/error.ts'
import { configError } from '../../config/shape.ts'
import { ipBatch, ipBatchAnyway, ipShow } from '../../exec/network/ip.ts'
import { freeTheName, type LinkDetails, parseLinkDetails, whatHasTheName } from '../../ip/bridge-details.ts'
import { linkSetForwarding, linkSetMac, linkSetStpOff } from '../../ip/link.ts'
import type { Log } from '../../log.ts'
import { type BridgePlan, bridgeMac } from '../../net/plan.ts'

/** Returns the link with this name, which may be an alternative name of it, or undefined if there is none. */
export async function lookAtBridge(name: string): Promise<LinkDetails | undefined> {
  return parseLinkDetails(await ipShow(['-details', 'link', 'show', 'dev', name]))[0]
}

/** Returns the names of the bridge's ports that are not containers' links. */
export async function otherPorts(bridge: string): Promise<readonly string[]> {
  return foreign(await portsOf(bridge))
}

async function portsOf(bridge: string): Promise<readonly LinkDetails[]> {
  return parseLinkDetails(await ipShow(['-details', 'link', 'show', 'master', bridge]))
}

function foreign(ports: readonly LinkDetails[]): readonly string[] {
  return ports.filter(({ kind }) => kind !== 'veth').map(({ name }) => name)
}

/** Returns why a bridge of that name cannot exist, or undefined if a bridge or nothing has the name. */
export async function refusalOfName(bridge: string): Promise<CniError | undefined> {
  const found = await lookAtBridge(bridge)
  return found === undefined ? undefined : refusal(bridge, found)
}

function refusal(bridge: string, found: LinkDetails): CniError | undefined {
  const problem = whatHasTheName(bridge, found)
  if (problem === undefined) return undefined
  const other = 'set another name with "bridge" in /etc/flatnet/flatnet.json'
  const remedy = `${other}, or: ${freeTheName(bridge, found)}`
  return configError('bridge', `${problem}; ${remedy}`)
}

/**
 * Gives the bridge its fixed MAC and switches STP off, if it has them otherwise. Without a MAC of its own a
 * bridge has the lowest of its ports' MACs, so a container that ends changes it while other containers have
 * it in their neighbour caches. With STP a port forwards nothing for twice the forward delay, 30 s (IEEE
 * 802.1D-2004, 17.14). STP stays on if the bridge has ports other than containers', because it may keep a
 * loop open there.
 * @throws CniError InvalidConfig if the link is not a bridge
 */
export async function correctTraits(bridge: BridgePlan, log: Log): Promise<void> {
  const { name } = bridge
  const found = await lookAtBridge(name)
  if (found === undefined) return
  const problem = refusal(name, found)
  if (problem !== undefined) throw problem
  const mac = bridgeMac(bridge)
  if (found.mac !== mac) await ipBatch([linkSetMac(name, mac)])
  if (found.hasStp) await switchStpOff(name, log)
}

async function switchStpOff(bridge: string, log: Log): Promise<void> {
  const ports = await portsOf(bridge)
  const others = foreign(ports)
  if (others.length > 0) {
    const remedy = `where no loop is possible: ip ${linkSetStpOff(bridge).join(' ')}`
    const error = `it stays on because ${others.join(', ')} is a port too; ${remedy}`
    log('warn', 'spanning tree delays each new container', { dev: bridge, error })
    return
  }
  await ipBatch([linkSetStpOff(bridge)])
  // STP would keep blocked ports blocked until its timers end.
  const waiting = ports.filter(({ portState }) => portState !== 'forwarding')
  await ipBatchAnyway(waiting.map((port) => linkSetForwarding(port.name)))
}

/**
 * Returns whether {@link correctTraits} would change nothing. @param found the bridge; empty if there is none
 */
export async function hasRightTraits(bridge: BridgePlan, [found]: readonly LinkDetails[]): Promise<boolean> {
  if (found?.mac !== bridgeMac(bridge)) return false
  return !found.hasStp || (await otherPorts(bridge.name)).length > 0
}

/** Where the state of the bridge and of its attachments is, and how ports are configured. */
export interface BridgeSettings {
  readonly runDir: string
  readonly stateDir: string
  /** Whether ports send frames back where they came from, even without published ports. */
  readonly hairpinMode: boolean
}
