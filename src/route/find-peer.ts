// Which peer somebody means.

import { parseIp } from '../addr/ip.ts'
import { contains, parsePrefix } from '../addr/prefix.ts'
import { CniCode, CniError } from '../cni/error.ts'

/** How a peer can be called. */
export interface Named {
  readonly name: string
  /** Addresses, canonical text. */
  readonly overlay: readonly string[]
  /** Networks, canonical text. */
  readonly subnets: readonly string[]
}

/**
 * The peer that has this name, this overlay address, or the subnet in which this address (or which itself) lies. A whole
 * name goes before the beginning of one.
 * @throws CniError that lists the peers there are
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
      `${JSON.stringify(wanted)} could be any of ${String(all.length)} peers`,
      `${all.join(', ')}; name one by its overlay address`,
    )
  }
  const names = peers.map(({ name }) => name)
  const known = names.length === 0 ? 'this host knows no peer' : `known peers: ${names.toSorted().join(', ')}`
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

// Of a family that no address has.
const NOWHERE = { family: 0 as 4, value: 0n, length: 0 }
