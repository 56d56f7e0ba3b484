// The part of the pool that a certificate assigns to its host. Nothing is verified here, so verify the
// certificate first.

import type { Family } from '../../addr/ip.ts'
import { covers, formatPrefix, networkOf, overlaps, type Prefix } from '../../addr/prefix.ts'
import type { Certificate } from '../certificate/certificate.ts'
import { quoted, refused } from '../certificate/refusal.ts'

/**
 * Returns the host subnet of each family that the pools and the certificate share: at least one, IPv4 first,
 * host bits cleared. Throws CniError CertificateRefused when there is none, when a family has several, or
 * when one overlaps the certificate's own overlay network, because Nebula refuses such routes
 * (overlay/route.go).
 */
export function hostSubnets(certificate: Certificate, pools: readonly Prefix[], source: string): Prefix[] {
  const where = `${source}: ${quoted(certificate.name)}`
  const subnets = subnetsInPools(certificate, pools)
  const found = ([4, 6] as const).flatMap((family) => onlyOne(subnets, family, where))
  if (found.length === 0) throw refused(where, explainNone(certificate, pools))
  for (const subnet of found) {
    const overlay = certificate.networks.map(networkOf).find((network) => overlaps(network, subnet))
    if (overlay !== undefined) {
      throw refused(
        where,
        `UnsafeNetworks: the subnet ${formatPrefix(subnet)} overlaps the overlay network ` +
          `${formatPrefix(overlay)}; choose a pool outside it and sign again`,
      )
    }
  }
  return found
}

/**
 * Returns the same, or nothing for a host without containers, which has no subnet at all. @throws CniError
 * CertificateRefused when there is one that cannot be used
 */
export function subnetsIfAny(certificate: Certificate, pools: readonly Prefix[], source: string): Prefix[] {
  return subnetsInPools(certificate, pools).length === 0 ? [] : hostSubnets(certificate, pools, source)
}

/**
 * Returns the unsafe networks that are a proper part of a pool: host bits cleared, without duplicates, in the
 * order of the certificate.
 */
export function subnetsInPools({ unsafeNetworks }: Certificate, pools: readonly Prefix[]): Prefix[] {
  const inside = unsafeNetworks
    .map(networkOf)
    .filter((network) => pools.some((pool) => pool.length < network.length && covers(pool, network)))
  return inside.filter((network, index) => inside.findIndex((other) => isSame(other, network)) === index)
}

/** Returns the container networks of a certificate: its own subnets, and for a gateway the pools. */
export function containerNetworks(
  { unsafeNetworks }: Pick<Certificate, 'unsafeNetworks'>,
  pools: readonly Prefix[],
): readonly Prefix[] {
  return unsafeNetworks
    .map(networkOf)
    .filter((network) => pools.some((pool) => covers(pool, network) || covers(network, pool)))
}

/** Tells whether a certificate lets its host forward for all others. */
export function isGateway(
  { unsafeNetworks }: Pick<Certificate, 'unsafeNetworks'>,
  pools: readonly Prefix[],
): boolean {
  return unsafeNetworks.some((network) => isPool(network, pools))
}

/** Tells whether a network of a certificate is a whole pool, as a gateway has it. */
export function isPool(network: Prefix, pools: readonly Prefix[]): boolean {
  return pools.some((pool) => covers(network, pool))
}

function onlyOne(subnets: readonly Prefix[], family: Family, where: string): Prefix[] {
  const mine = subnets.filter((subnet) => subnet.family === family)
  if (mine.length < 2) return mine
  throw refused(
    where,
    `UnsafeNetworks: ${mine.map(formatPrefix).join(', ')} are all inside the pool, ` +
      'but a host has one subnet per family; sign again with one of them',
  )
}

function explainNone({ unsafeNetworks }: Certificate, pools: readonly Prefix[]): string {
  const pool = pools.map(formatPrefix).join(', ')
  const has = unsafeNetworks.length === 0 ? 'none at all' : unsafeNetworks.map(formatPrefix).join(', ')
  const remedy =
    'sign again with nebula-cert sign -unsafe-networks SUBNET (-subnets before 1.10), ' +
    `where SUBNET is a part of ${pool} that no other host has`
  return unsafeNetworks.some((network) => isPool(network, pools))
    ? `UnsafeNetworks: ${has} contains the whole pool ${pool}, ` +
        `so this is the certificate of a gateway and not of a container host; ${remedy}`
    : `UnsafeNetworks: no subnet inside the pool ${pool}, the certificate has ${has}; ${remedy}`
}

function isSame(a: Prefix, b: Prefix): boolean {
  return a.family === b.family && a.value === b.value && a.length === b.length
}
