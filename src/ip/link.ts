// ip-link(8): commands on links, as data.

import type { IpCommand } from './batch.ts'

/**
 * A bridge with a fixed MAC: one that follows its ports' would change under the containers' neighbour caches.
 * Equivalent to: `ip link add name NAME mtu BYTES address MAC type bridge`
 */
export function linkAddBridge(link: { name: string; mtuBytes: number; mac: string }): IpCommand {
  return [
    'link',
    'add',
    'name',
    link.name,
    'mtu',
    String(link.mtuBytes),
    'address',
    link.mac,
    'type',
    'bridge',
  ]
}

/**
 * A veth pair whose far end is made in another namespace under its final name, so that a container's "eth0" never
 * stands beside the host's. Both MACs are set: udev's MACAddressPolicy=persistent leaves set ones alone.
 * Equivalent to: `ip link add name NAME mtu BYTES address MAC type veth peer name PEER mtu BYTES address MAC netns PATH`
 */
export function linkAddVeth(link: {
  name: string
  mac: string
  mtuBytes: number
  peer: { name: string; mac: string; netns: string }
}): IpCommand {
  const mtu = String(link.mtuBytes)
  const near = ['link', 'add', 'name', link.name, 'mtu', mtu, 'address', link.mac, 'type', 'veth']
  return [
    ...near,
    'peer',
    'name',
    link.peer.name,
    'mtu',
    mtu,
    'address',
    link.peer.mac,
    'netns',
    link.peer.netns,
  ]
}

/** Makes `name` a port of `master` and brings it up. Equivalent to: `ip link set dev NAME master MASTER up` */
export function linkSetMasterUp(name: string, master: string): IpCommand {
  return ['link', 'set', 'dev', name, 'master', master, 'up']
}

/** Has a bridge send frames back out of the port they came in by. Equivalent to: `ip link set dev NAME type bridge_slave hairpin on` */
export function linkSetHairpin(name: string): IpCommand {
  return ['link', 'set', 'dev', name, 'type', 'bridge_slave', 'hairpin', 'on']
}

/** Equivalent to: `ip link set dev NAME promisc on` */
export function linkSetPromisc(name: string): IpCommand {
  return ['link', 'set', 'dev', name, 'promisc', 'on']
}

/** Equivalent to: `ip link set dev NAME up` */
export function linkSetUp(name: string): IpCommand {
  return ['link', 'set', 'dev', name, 'up']
}

/** A text for people in `ip link show`, 1 to 255 bytes. Equivalent to: `ip link set dev NAME alias TEXT` */
export function linkSetAlias(name: string, alias: string): IpCommand {
  return ['link', 'set', 'dev', name, 'alias', alias]
}

/** Equivalent to: `ip link delete dev NAME` */
export function linkDelete(name: string): IpCommand {
  return ['link', 'delete', 'dev', name]
}
