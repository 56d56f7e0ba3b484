// What this host is at this moment, from its files and its kernel, whatever of it is missing: nothing is changed and one
// fault hides nothing else. For the command line.

import { formatPrefix } from '../addr/prefix.ts'
import { CniError } from '../cni/error.ts'
import type { Settings } from '../config/settings.ts'
import { ipShow } from '../exec/ip.ts'
import type { AttachmentRecord } from '../net/attachment.ts'
import { openStore } from '../state/store.ts'
import { type DamagedRecord, explainDamaged } from './damaged-records.ts'
import { type Identity, loadIdentity } from './identity.ts'
import { findNetwork, type HostNetwork, kernelRoutes } from './network.ts'
import { loadSettings } from './settings.ts'

/** Something that is missing or wrong. 'fail': containers cannot be started. */
export interface Trouble {
  readonly level: 'fail' | 'warn'
  readonly what: string
  readonly details: string
}

export interface LinkView {
  readonly name: string
  readonly isUp: boolean
  readonly mtuBytes: number
  /** "10.87.1.1/24" */
  readonly addresses: readonly string[]
}

/** Undefined is what could not be found out; {@link troubles} says why. */
export interface Overview {
  readonly settings: Settings | undefined
  readonly identity: Identity | undefined
  readonly network: HostNetwork | undefined
  readonly nebula: LinkView | undefined
  readonly bridge: LinkView | undefined
  readonly records: readonly AttachmentRecord[]
  readonly damaged: readonly DamagedRecord[]
  readonly leased: number
  readonly troubles: readonly Trouble[]
}

/** Looks. Throws only for our own mistakes. */
export async function lookAtHost(now: Date): Promise<Overview> {
  const troubles: Trouble[] = []
  const attempt = async <T>(action: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await action()
    } catch (error) {
      if (!(error instanceof CniError)) throw error
      const known = troubles.some(({ what, details }) => what === error.message && details === error.details)
      if (!known) troubles.push({ level: 'fail', what: error.message, details: error.details })
      return undefined
    }
  }
  const settings = await attempt(() => loadSettings({}))
  const seconds = Math.floor(now.getTime() / 1000)
  const identity = settings && (await attempt(() => loadIdentity(settings, seconds)))
  const network =
    settings && identity && (await attempt(() => findNetwork(settings, identity, kernelRoutes())))
  const nebulaDev = network?.nebulaDev
  const nebula = nebulaDev === undefined ? undefined : await attempt(() => showLink(nebulaDev))
  const bridge = settings && (await attempt(() => showLink(settings.bridge)))
  const listed = settings && (await attempt(() => openStore(settings.stateDir).list()))
  const damaged = settings === undefined ? [] : explainDamaged(settings.stateDir, listed?.damaged ?? [])
  const leased = (): number =>
    settings === undefined
      ? 0
      : (identity?.subnets ?? []).reduce(
          (sum, each) => sum + openStore(settings.stateDir).countLeased(each),
          0,
        )
  return {
    settings,
    identity,
    network,
    nebula,
    bridge,
    records: listed?.records ?? [],
    damaged,
    leased: (await attempt(leased)) ?? 0,
    troubles: [...troubles, ...warnings({ settings, identity, network, nebula, damaged, now })],
  }
}

const WARN_DAYS = 14
const DAY_SECONDS = 86_400

interface Seen extends Pick<Overview, 'settings' | 'identity' | 'network' | 'nebula' | 'damaged'> {
  readonly now: Date
}

function warnings({ settings, identity, network, nebula, damaged, now }: Seen): readonly Trouble[] {
  const found: Trouble[] = []
  const warn = (what: string, details: string): void => void found.push({ level: 'warn', what, details })
  if (identity !== undefined) {
    const days = Math.floor((identity.notAfter - now.getTime() / 1000) / DAY_SECONDS)
    if (days < WARN_DAYS)
      warn(
        `the host certificate ends in ${String(days)} days`,
        `sign it again with nebula-cert sign for ${identity.overlay.map(formatPrefix).join(', ')} and replace ` +
          `${settings?.nebula.cert ?? 'it'}`,
      )
    for (const warning of identity.warnings) warn('the host certificate is odd', warning)
  }
  if (network !== undefined && (nebula === undefined || !nebula.isUp)) {
    const which = nebula === undefined ? 'no link has the overlay network' : `${nebula.name} is down`
    warn(
      `Nebula is down: ${which}`,
      'start it (systemctl start nebula@config); until then the gateway path is used',
    )
  }
  for (const { path, problem } of damaged)
    warn('attachment record not usable', `${path}: ${problem}; a DEL of its container removes it`)
  return found
}

async function showLink(name: string): Promise<LinkView | undefined> {
  const shown = await ipShow(['address', 'show', 'dev', name])
  const [link] = JSON.parse(shown === undefined || shown.trim() === '' ? '[]' : shown) as {
    flags?: string[]
    mtu?: number
    addr_info?: { local?: string; prefixlen?: number; scope?: string }[]
  }[]
  if (link === undefined) return undefined
  const addresses = (link.addr_info ?? [])
    .filter(({ local, scope }) => local !== undefined && scope !== 'link')
    .map(({ local, prefixlen }) => `${String(local)}/${String(prefixlen)}`)
  return { name, isUp: link.flags?.includes('UP') ?? false, mtuBytes: link.mtu ?? 0, addresses }
}
