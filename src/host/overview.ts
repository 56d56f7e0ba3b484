// An overview of this host from its files and its kernel, for the command line. Changes nothing. Anything may
// be missing, and one fault does not hide another.

import { attempting } from './attempt.ts'
import { addressText, isUp, parseShownLink } from '../ip/show.ts'
import { formatPrefix } from '../addr/prefix.ts'
import { CniCode, CniError } from '../cni/error.ts'
import type { Settings } from '../config/settings.ts'
import { ipShow } from '../exec/network/ip.ts'
import { nebulaStep } from '../nebula/service.ts'
import { daysUntil, EXPIRES_SOON_DAYS } from '../nebula/hosts/lifetime.ts'
import type { AttachmentRecord } from '../net/attachment.ts'
import { linkExists } from '../kernel/presence.ts'
import { openStore } from '../state/addresses/store.ts'
import { unixSeconds } from '../unix-time.ts'
import { type DamagedRecord, explainDamaged } from './attachments/damaged-records.ts'
import { type Identity, loadIdentity, verifyIdentity } from './identity/identity.ts'
import { type Role, roleOf } from './identity/role.ts'
import { kernelRoutes } from './routes/kernel-routes.ts'
import { findNetwork, type HostNetwork } from './network/network.ts'
import { loadSettings } from './identity/settings.ts'
import { nebulaService } from './nebula/service.ts'

/** Something that is missing or wrong. 'fail': containers cannot be started. */
export interface Trouble {
  readonly level: 'fail' | 'warn'
  readonly what: string
  readonly details: string
}

interface LinkView {
  readonly name: string
  readonly isUp: boolean
  readonly mtuBytes: number
  /** "10.87.1.1/24" */
  readonly addresses: readonly string[]
}

/** Undefined means unknown; {@link troubles} says why. */
export interface Overview {
  readonly settings: Settings | undefined
  readonly role: Role | undefined
  readonly identity: Identity | undefined
  readonly network: HostNetwork | undefined
  readonly nebula: LinkView | undefined
  readonly bridge: LinkView | undefined
  readonly records: readonly AttachmentRecord[]
  readonly damaged: readonly DamagedRecord[]
  readonly leased: number
  readonly troubles: readonly Trouble[]
}

/** Looks at the host. Throws only on our own mistakes. */
export async function lookAtHost(now: Date): Promise<Overview> {
  const troubles: Trouble[] = []
  const attempt = attempting(({ message, details }) => {
    const isKnown = troubles.some((trouble) => trouble.what === message && trouble.details === details)
    if (!isKnown) troubles.push({ level: 'fail', what: message, details })
  })
  const settings = await attempt(() => loadSettings({}))
  const seconds = unixSeconds(now)
  const role = settings && roleOf(settings)
  const identity =
    settings &&
    (await attempt(() =>
      role?.isBareLighthouse === true
        ? verifyIdentity(settings, seconds, { needsSubnet: false })
        : loadIdentity(settings, seconds),
    ))
  const network =
    settings && identity && (await attempt(async () => findNetwork(settings, identity, await kernelRoutes())))
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
  const count = (await attempt(leased)) ?? 0
  const found = await warnings({ settings, identity, network, nebula, damaged, now })
  return {
    settings,
    role,
    identity,
    network,
    nebula,
    bridge,
    records: listed?.records ?? [],
    damaged,
    leased: count,
    troubles: [...troubles, ...found],
  }
}

const UNKNOWN = { kind: 'unknown' } as const

interface Seen extends Pick<Overview, 'settings' | 'identity' | 'network' | 'nebula' | 'damaged'> {
  readonly now: Date
}

async function warnings(seen: Seen): Promise<readonly Trouble[]> {
  const { settings, identity, network, nebula, damaged, now } = seen
  const found: Trouble[] = []
  const warn = (what: string, details: string): void => void found.push({ level: 'warn', what, details })
  if (identity !== undefined) {
    const days = daysUntil(identity.notAfter, unixSeconds(now))
    if (days < EXPIRES_SOON_DAYS)
      warn(
        `the host certificate ends in ${String(days)} days`,
        `in the office: flatnet-cni host renew ${identity.name}; without one: sign it again with ` +
          `nebula-cert sign for ${identity.overlay.map(formatPrefix).join(', ')} and replace ` +
          (settings?.nebula.cert ?? 'it'),
      )
    for (const warning of identity.warnings) warn('the versions of the host certificate differ', warning)
  }
  if (network !== undefined && (network.nebulaDev === undefined || nebula?.isUp === false)) {
    const service = settings === undefined ? UNKNOWN : await nebulaService(settings)
    const which = nebula === undefined ? 'no link has the overlay network' : `${nebula.name} is down`
    warn(
      `Nebula is down: ${which}`,
      `until it runs, the gateway path is used; to start it: ${nebulaStep('start', service)}`,
    )
  }
  for (const { path, problem } of damaged)
    warn('attachment record not usable', `${path}: ${problem}; a DEL of its container removes it`)
  return found
}

async function showLink(name: string): Promise<LinkView | undefined> {
  const shown = await ipShow(['address', 'show', 'dev', name])
  if (shown === undefined && linkExists(name)) {
    throw new CniError(
      CniCode.CommandRefused,
      'ip does not answer',
      `"ip -j address show dev ${name}" failed although the link is there; flatnet-cni check --only SYS-003`,
    )
  }
  const link = parseShownLink(shown)
  if (link === undefined) return undefined
  const addresses = (link.addr_info ?? [])
    .filter(({ local, scope }) => local !== undefined && scope !== 'link')
    .map(addressText)
  return { name, isUp: isUp(link), mtuBytes: link.mtu ?? 0, addresses }
}
