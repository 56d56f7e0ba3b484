// The part of the pool that a certificate gives to its host. Verify the certificate first: this only reads it.

import type { Family } from '../addr/ip.ts'
import { covers, formatPrefix, networkOf, overlaps, type Prefix } from '../addr/prefix.ts'
import type { Certificate } from './certificate.ts'
import { quoted, refused } from './refusal.ts'

/**
 * The host subnet of each family that the pools and the certificate share, IPv4 first, host bits cleared, at least one.
 * Throws CniError CertificateRefused when there is none, when a family has several, and when one overlaps the overlay
 * network of the certificate, where Nebula refuses the routes (overlay/route.go).
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
        `UnsafeNetworks: the subnet ${formatPrefix(subnet)} overlaps the overlay network ${formatPrefix(overlay)}; choose a pool outside of it and sign again`,
      )
    }
  }
  return found
}

/** Unsafe networks that are a part of a pool, not all of it: host bits cleared, each once, in the certificate's order. */
export function subnetsInPools({ unsafeNetworks }: Certificate, pools: readonly Prefix[]): Prefix[] {
  const inside = unsafeNetworks
    .map(networkOf)
    .filter((network) => pools.some((pool) => pool.length < network.length && covers(pool, network)))
  return inside.filter((network, index) => inside.findIndex((other) => isSame(other, network)) === index)
}

function onlyOne(subnets: readonly Prefix[], family: Family, where: string): Prefix[] {
  const mine = subnets.filter((subnet) => subnet.family === family)
  if (mine.length < 2) return mine
  throw refused(
    where,
    `UnsafeNetworks: ${mine.map(formatPrefix).join(', ')} are all inside the pool, a host has one subnet per family; sign again with one of them`,
  )
}

function explainNone({ unsafeNetworks }: Certificate, pools: readonly Prefix[]): string {
  const pool = pools.map(formatPrefix).join(', ')
  const has = unsafeNetworks.length === 0 ? 'none at all' : unsafeNetworks.map(formatPrefix).join(', ')
  const remedy = `sign again with nebula-cert sign -unsafe-networks SUBNET (-subnets before 1.10), a part of ${pool} that no other host has`
  const isGateway = unsafeNetworks.some((network) => pools.some((each) => covers(network, each)))
  return isGateway
    ? `UnsafeNetworks: ${has} holds the whole pool ${pool}, which makes it a gateway's certificate, not a container host's; ${remedy}`
    : `UnsafeNetworks: no subnet inside the pool ${pool}, the certificate has ${has}; ${remedy}`
}

function isSame(a: Prefix, b: Prefix): boolean {
  return a.family === b.family && a.value === b.value && a.length === b.length
}
