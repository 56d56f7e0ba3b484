// Makes an office: its folder, its CA, and the first lighthouse if there is to be one.

import { randomBytes } from 'node:crypto'
import { CniCode, CniError } from '../cni/error.ts'
import { askNebulaCert, runNebulaCert } from '../exec/nebula/nebula-cert.ts'
import { ipShow } from '../exec/network/ip.ts'
import { parseShownRoutes } from '../ip/shown-route.ts'
import { addressText, parseShown, type ShownLink } from '../ip/show.ts'
import { parsePrefix } from '../addr/prefix.ts'
import { caArguments, isModern } from '../provision/office/nebula-cert.ts'
import { type LocalNetwork, refuseLocalOverlap, usualOverlaps } from '../provision/office/local-networks.ts'
import { checkedPlan, type NetworkPlan, planJson, uniqueLocalPlan } from '../provision/office/network-plan.ts'
import { createOffice } from '../state/office/folder.ts'

/** What is asked for a new office. */
interface OfficeWish {
  readonly folder: string
  readonly plan: NetworkPlan
  readonly hasIpv6: boolean
  readonly caDays: number
  /** Returns the passphrase for the CA's key; undefined for a key that is not encrypted. */
  readonly passphrase: (() => Promise<string>) | undefined
}

/** An office that was made. */
interface MadeOffice {
  readonly plan: NetworkPlan
  /** Sentences about networks that other hosts may have. */
  readonly warnings: readonly string[]
}

/** Makes an office. @throws CniError that says what is in the way; nothing is left then */
export async function makeOffice(wish: OfficeWish): Promise<MadeOffice> {
  const version = await askNebulaCert('the office signs certificates with it')
  const families = wish.hasIpv6
    ? [...wish.plan.families, uniqueLocalPlan(randomBytes(5))]
    : wish.plan.families
  const plan = checkedPlan({ ...wish.plan, families }, 'network plan')
  if (!isModern(version)) refuseModern(plan, wish, version.join('.'))
  refuseLocalOverlap(families, await localNetworks())
  const passphrase = await wish.passphrase?.()
  await createOffice(wish.folder, `${JSON.stringify(planJson(plan), null, 2)}\n`, async (files) => {
    const encrypt = passphrase !== undefined
    await runNebulaCert(caArguments(plan, { files, days: wish.caDays, encrypt }, version), passphrase)
  })
  return { plan, warnings: usualOverlaps(families) }
}

function refuseModern(plan: NetworkPlan, wish: OfficeWish, version: string): void {
  const asked =
    wish.passphrase !== undefined
      ? '--encrypt-key'
      : plan.families.length > 1
        ? '--ipv6'
        : plan.certificateVersion === 1
          ? undefined
          : `--cert-version ${String(plan.certificateVersion)}`
  if (asked === undefined) return
  throw new CniError(
    CniCode.PluginUnavailable,
    'nebula-cert too old',
    `${asked} needs nebula-cert 1.10 or newer, this is ${version}: install a newer one, or leave the ` +
      'option out',
  )
}

async function localNetworks(): Promise<readonly LocalNetwork[]> {
  const links = parseShown<ShownLink>(await ipShow(['address', 'show']))
  const routes = await Promise.all(
    ([4, 6] as const).map(async (family) =>
      parseShownRoutes(await ipShow([`-${String(family)}`, 'route', 'show']), family),
    ),
  )
  return [
    ...links.flatMap(({ ifname = '', addr_info = [] }) =>
      addr_info.flatMap((address) => {
        const network = parsePrefix(addressText(address))
        return network === undefined || ifname === 'lo' ? [] : [{ network, link: ifname }]
      }),
    ),
    ...routes.flat().map(({ dst, dev, type }) => ({ network: dst, link: dev ?? `a route of type ${type}` })),
  ]
}
