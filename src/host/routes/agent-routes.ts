// The routes while an agent lives: gateway routes and pinned routes always, direct
// routes only while the agent lives.

import { formatIp } from '../../addr/ip.ts'
import { formatPrefix } from '../../addr/prefix.ts'
import { CniCode, CniError } from '../../cni/error.ts'
import { ipBatch, ipBatchAnyway } from '../../exec/network/ip.ts'
import { batchText, type IpCommand, parseBatch } from '../../ip/batch.ts'
import { type Route, routeDelete, routeKey, routeReplace } from '../../ip/route.ts'
import { diffRoutes } from '../../route/diff.ts'
import { keptRoutes, p2pRoutes, type Peer, pinnedRoutes, planRoutes, taughtRoutes } from '../../route/plan.ts'
import { withdrawalPath } from '../../state/agent/heartbeat.ts'
import { readCachedText, writeCachedText } from '../../state/files/cache.ts'
import { installedRoutes, routeInputs, type RoutesContext } from './routes.ts'

type Place = Pick<RoutesContext, 'settings' | 'network'>

/** The result of {@link reconcileRoutes}. Texts are `ip` commands without the leading "ip". */
interface Reconciliation {
  readonly done: readonly string[]
  /** What the kernel refused. The next call tries again. */
  readonly refused: readonly string[]
}

/**
 * Brings our routes up to date; adds before it deletes. Never deletes the gateway route of a known peer
 * without a replacement: if no hop can be found for a moment, the old one is the best there is.
 * @param peers all accepted peers
 * @param p2p peers on the direct path, by one of their overlay addresses (canonical text)
 */
export async function reconcileRoutes(
  context: Place,
  peers: readonly Peer[],
  p2p: ReadonlySet<string>,
): Promise<Reconciliation> {
  const inputs = routeInputs(context, peers)
  writeWithdrawal(
    context,
    peers.flatMap((peer) => p2pRoutes(inputs, peer)),
  )
  const want = planRoutes(inputs, { pins: true, p2p })
  const difference = async (): Promise<readonly IpCommand[]> => {
    const have = await installedRoutes()
    const isOnPurpose = context.settings.gateway.via === 'none'
    const kept = new Set((isOnPurpose ? [] : keptRoutes(inputs, have)).map(routeKey))
    return diffRoutes(
      have.filter((route) => !kept.has(routeKey(route))),
      want,
    )
  }
  const commands = await difference()
  if (commands.length === 0) return { done: [], refused: [] }
  const refused = await ipBatchAnyway([...commands, ...repairs(commands, want, inputs.nebulaDev)])
  // A route to delete may have disappeared by itself, so a second look decides.
  const left = refused.length === 0 ? [] : (await difference()).map((command) => command.join(' '))
  return {
    done: commands.map((command) => command.join(' ')).filter((text) => !left.includes(text)),
    refused: left,
  }
}

/**
 * Switches one peer to the direct path or off it, both families in one process and without reading routes
 * first, because an outage lasts until this is done. Does nothing if it is done already.
 * @throws CniError CommandRefused if the kernel refuses (the nebula link no longer exists)
 */
export async function switchP2p(context: Place, peer: Peer, to: 'p2p' | 'gateway'): Promise<void> {
  const routes = p2pRoutes(routeInputs(context, [peer]), peer)
  if (to === 'p2p') {
    extendWithdrawal(context, routes)
    await ipBatch(routes.map(routeReplace))
    return
  }
  const refused = await ipBatchAnyway(routes.map(routeDelete))
  if (refused.length === 0) return
  const present = new Set((await installedRoutes()).map(routeKey))
  const stays = routes.filter((route) => present.has(routeKey(route)))
  if (stays.length === 0) return
  throw new CniError(
    CniCode.CommandRefused,
    'route not deleted',
    stays.map(({ dst, dev }) => `${formatPrefix(dst)} dev ${dev ?? 'none'}`).join(', '),
  )
}

/**
 * Deletes and adds the routes that always show Nebula the way to a peer. Nebula learns routes from
 * the kernel's notices, and replacing a route by itself causes none. So only deleting and adding
 * repairs a route that Nebula has lost.
 */
export async function repairPins(context: Place, peer: Peer): Promise<void> {
  const inputs = routeInputs(context, [peer])
  const learnt = [...pinnedRoutes(inputs, peer), ...taughtRoutes(inputs, peer)].filter(
    ({ dev }) => dev === context.network.nebulaDev,
  )
  await ipBatchAnyway(learnt.flatMap((route) => [routeDelete(route), routeReplace(route)]))
}

/**
 * Returns the peers whose direct routes the kernel has, by their first overlay
 * address, for an agent that starts.
 */
export async function peersOnP2p(context: Place, peers: readonly Peer[]): Promise<ReadonlySet<string>> {
  const present = new Set((await installedRoutes()).map(routeKey))
  const inputs = routeInputs(context, peers)
  const on = peers.filter((peer) => {
    const routes = p2pRoutes(inputs, peer)
    return routes.length > 0 && routes.every((route) => present.has(routeKey(route)))
  })
  return new Set(on.flatMap(({ overlay: [first] }) => (first === undefined ? [] : formatIp(first))))
}

/** Deletes every direct route of an agent that ends or has ended. Does nothing if there is none. */
export async function withdrawAll(runDir: string): Promise<void> {
  const commands = parseBatch(readCachedText(withdrawalPath(runDir)) ?? '')
  await ipBatchAnyway(commands.filter(([object, verb]) => object === 'route' && verb === 'delete'))
}

// Writes the file before the routes are made, so that an agent killed in between leaves no unknown route.
function writeWithdrawal({ settings }: Place, routes: readonly Route[]): void {
  const text = batchText(routes.map(routeDelete))
  const path = withdrawalPath(settings.runDir)
  if (readCachedText(path) !== text) writeCachedText(path, text)
}

function extendWithdrawal({ settings }: Place, routes: readonly Route[]): void {
  const path = withdrawalPath(settings.runDir)
  const before = readCachedText(path) ?? ''
  const lines = new Set(before.split('\n'))
  const missing = routes.map(routeDelete).filter((command) => !lines.has(command.join(' ')))
  if (missing.length > 0) writeCachedText(path, before + batchText(missing))
}

// Nebula's tree has one entry per prefix. Deleting one route of its device removes the
// entry of the other route, too.
function repairs(
  commands: readonly IpCommand[],
  want: readonly Route[],
  nebulaDev: string | undefined,
): readonly IpCommand[] {
  if (nebulaDev === undefined) return []
  const deleted = new Set(
    commands
      .filter((command) => command[1] === 'delete' && command.includes(nebulaDev))
      .map(([, , dst]) => dst),
  )
  return want
    .filter(({ dst, dev }) => dev === nebulaDev && deleted.has(formatPrefix(dst)))
    .flatMap((route) => [routeDelete(route), routeReplace(route)])
}
