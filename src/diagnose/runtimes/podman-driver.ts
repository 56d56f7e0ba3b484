// Finds flatnet-cni where podman 5 looks for network drivers, and the networks that use it.

import { accessSync, constants, existsSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { PodmanDriver, PodmanFirewall, PodmanNetworkFile } from '../../check/facts/conflists.ts'
import { isObject } from '../../json.ts'
import { isInstalled, read } from './files.ts'

const DRIVER = 'flatnet-cni'

/** Where podman looks by default, in search order (containers.conf(5), netavark_plugin_dirs). */
export const DRIVER_FOLDERS: readonly string[] = [
  '/usr/local/libexec/netavark',
  '/usr/libexec/netavark',
  '/usr/local/lib/netavark',
  '/usr/lib/netavark',
]

/** Looks for driver and networks. */
export function findDriver(
  folders: readonly string[],
  networkFolder = '/etc/containers/networks',
): Omit<PodmanDriver, 'firewall'> {
  const path = folders
    .map((folder) => join(folder, DRIVER))
    .find((each) => lstatSync(each, { throwIfNoEntry: false }) !== undefined)
  return {
    folders,
    path,
    isExecutable: path !== undefined && isExecutable(path),
    networks: namesIn(networkFolder)
      .filter((name) => name.endsWith('.json'))
      .flatMap((name) => readNetwork(join(networkFolder, name)) ?? []),
  }
}

const BUS = '/run/dbus/system_bus_socket'

/**
 * Describes a firewall driver of netavark (netavark, src/firewall/mod.rs). Its start needs the program
 * iptables, or firewalld over D-Bus; the others need nothing.
 */
export function describeFirewall(name: string, source: string): PodmanFirewall {
  return { name, source, lacks: lackOf(name) }
}

function lackOf(name: string): string | undefined {
  if (name === 'nftables' || name === 'none') return undefined
  if (name === 'iptables') return isInstalled('iptables') ? undefined : 'program iptables'
  if (name !== 'firewalld') return 'driver of that name'
  if (!isInstalled('firewalld')) return 'program firewalld'
  return existsSync(BUS) ? undefined : `D-Bus (${BUS})`
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted()
  } catch {
    return []
  }
}

// podman passes over a file that it cannot read, with a warning.
function readNetwork(path: string): PodmanNetworkFile | undefined {
  let value: unknown
  try {
    value = JSON.parse(read(path))
  } catch {
    return undefined
  }
  if (!isObject(value) || value['driver'] !== DRIVER || typeof value['name'] !== 'string') return undefined
  const subnets: readonly unknown[] = Array.isArray(value['subnets']) ? value['subnets'] : []
  return {
    path,
    name: value['name'],
    subnets: subnets.flatMap((each) =>
      isObject(each) && typeof each['subnet'] === 'string' ? [each['subnet']] : [],
    ),
  }
}
