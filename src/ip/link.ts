// ip-link(8): commands on links, as data.

import type { IpCommand } from './batch.ts'

/**
 * Creates a bridge with a fixed MAC. A MAC that followed the ports' would change underneath the containers'
 * neighbour caches.
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
 * Creates a veth pair whose far end is created in another namespace under its final name, so that a
 * container's "eth0" never coexists with the host's. Both MACs are set, because udev's
 * MACAddressPolicy=persistent leaves set ones alone.
 * Equivalent to: `ip link add name NAME mtu BYTES address MAC type veth peer name PEER mtu BYTES address MAC
 * netns PATH`
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

/**
 * Makes `name` a port of `master` and brings it up. Equivalent to: `ip link set dev NAME master MASTER up`
 */
export function linkSetMasterUp(name: string, master: string): IpCommand {
  return ['link', 'set', 'dev', name, 'master', master, 'up']
}

/**
 * Makes a bridge send frames back out of the port they arrived on.
 * Equivalent to: `ip link set dev NAME type bridge_slave hairpin on`
 */
export function linkSetHairpin(name: string): IpCommand {
  return ['link', 'set', 'dev', name, 'type', 'bridge_slave', 'hairpin', 'on']
}

/** Makes a link promiscuous. Equivalent to: `ip link set dev NAME promisc on` */
export function linkSetPromisc(name: string): IpCommand {
  return ['link', 'set', 'dev', name, 'promisc', 'on']
}

/** Sets the MAC of a link. Equivalent to: `ip link set dev NAME address MAC` */
export function linkSetMac(name: string, mac: string): IpCommand {
  return ['link', 'set', 'dev', name, 'address', mac]
}

/**
 * Makes every new port of a bridge forward immediately.
 * Equivalent to: `ip link set dev NAME type bridge stp_state 0`
 */
export function linkSetStpOff(name: string): IpCommand {
  return ['link', 'set', 'dev', name, 'type', 'bridge', 'stp_state', '0']
}

/**
 * Makes a port of a bridge without STP forward frames immediately. A port keeps the state that STP gave it.
 * Equivalent to: `ip link set dev NAME type bridge_slave state 3`
 */
export function linkSetForwarding(name: string): IpCommand {
  return ['link', 'set', 'dev', name, 'type', 'bridge_slave', 'state', '3']
}

/** Brings a link up. Equivalent to: `ip link set dev NAME up` */
export function linkSetUp(name: string): IpCommand {
  return ['link', 'set', 'dev', name, 'up']
}

/**
 * Sets a description of 1 to 255 bytes that `ip link show` displays.
 * Equivalent to: `ip link set dev NAME alias TEXT`
 */
export function linkSetAlias(name: string, alias: string): IpCommand {
  return ['link', 'set', 'dev', name, 'alias', alias]
}

/** Deletes a link. Equivalent to: `ip link delete dev NAME` */
export function linkDelete(name: string): IpCommand {
  return ['link', 'delete', 'dev', name]
}
