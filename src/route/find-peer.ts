// Finds the peer that a user refers to.

import { parseIp } from '../addr/ip.ts'
import { contains, parsePrefix } from '../addr/prefix.ts'
import { CniCode, CniError } from '../cni/error.ts'

/** The names and addresses of a peer. */
export interface Named {
  readonly name: string
  /** Addresses in canonical text. */
  readonly overlay: readonly string[]
  /** Networks in canonical text. */
  readonly subnets: readonly string[]
}

/**
 * Finds the peer with this name, this overlay address, or the subnet that contains this address or equals
 * this network. A full name takes precedence over a prefix of one.
 * @throws CniError that lists the known peers
 */
export function findPeer<Peer extends Named>(peers: readonly Peer[], wanted: string): Peer {
  const ways: ((peer: Peer) => boolean)[] = [
    ({ name }) => name === wanted,
    ({ overlay, subnets }) => subnets.includes(wanted) || hasAddress(overlay, subnets, wanted),
    ({ name }) => wanted !== '' && name.startsWith(wanted),
  ]
  for (const way of ways) {
    const [found, ...others] = peers.filter(way)
    if (found === undefined) continue
    if (others.length === 0) return found
    const all = [found, ...others].map(({ name, overlay }) => `${name} (${overlay.join(', ')})`)
    throw new CniError(
      CniCode.InvalidConfig,
      `${JSON.stringify(wanted)} matches ${String(all.length)} peers`,
      `${all.join(', ')}; give the overlay address of one`,
    )
  }
  const names = peers.map(({ name }) => name)
  const known =
    names.length === 0 ? 'this host knows no peers' : `known peers: ${names.toSorted().join(', ')}`
  throw new CniError(CniCode.InvalidConfig, `unknown peer ${JSON.stringify(wanted)}`, known)
}

function hasAddress(overlay: readonly string[], subnets: readonly string[], wanted: string): boolean {
  const ip = parseIp(wanted)
  if (ip === undefined) return false
  const isSame = (text: string): boolean => {
    const other = parseIp(text)
    return other?.family === ip.family && other.value === ip.value
  }
  return overlay.some(isSame) || subnets.some((text) => contains(parsePrefix(text) ?? NOWHERE, ip))
}

// Its family matches no address.
const NOWHERE = { family: 0 as 4, value: 0n, length: 0 }
