// The network configuration lists of the two sides: ours as in conflist/, and what podman generates for
// Debian's plugins.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Authority, makeAuthority } from '../../certificates.ts'
import type { Host } from './host.ts'
import { OVERLAY_ADDRESS } from './links.ts'
import type { Bench } from '../row.ts'
import type { Network, Plugin } from '../process/task.ts'

const CNI_VERSION = '1.0.0'
export const REFERENCE_FOLDER = '/usr/lib/cni'

const portmap: Plugin = {
  path: `${REFERENCE_FOLDER}/portmap`,
  conf: { type: 'portmap', capabilities: { portMappings: true } },
}

/** The settings that vary between our hosts. Defaults are those of conflist/README.md. */
export interface OurHost {
  readonly ipMasq?: boolean
  /** Declare published ports, as conflist/10-flatnet.conflist does. */
  readonly ports?: boolean
  readonly pool?: string
  readonly subnet?: string
  readonly authority?: Authority
}

/** Returns our network, after signing a certificate for the host and writing it to disk; /etc is not used. */
export function ourNetwork(bench: Bench, host: Host, options: OurHost = {}): Network {
  const subnet = options.subnet ?? '10.87.1.0/24'
  const authority = options.authority ?? makeAuthority(Math.floor(Date.now() / 1000))
  const { folder } = host
  writeFileSync(join(folder, 'ca.crt'), authority.pem)
  writeFileSync(
    join(folder, 'host.crt'),
    authority.issue({ name: host.name, overlay: OVERLAY_ADDRESS, subnet }),
  )
  mkdirSync(peersFolder(host))
  const conf = {
    type: 'flatnet-cni',
    nebula: { ca: join(folder, 'ca.crt'), cert: join(folder, 'host.crt') },
    pool: options.pool ?? '10.87.0.0/16',
    peers: peersFolder(host),
    stateDir: stateFolder(host),
    agent: { dataDir: join(folder, 'data') },
    // In memory, as /run is everywhere.
    runDir: runFolder(host),
    ipMasq: options.ipMasq ?? true,
    capabilities: { ips: true, mac: true, ...(options.ports === true && { portMappings: true }) },
  }
  const own: Plugin = { path: bench.executable, conf }
  return {
    cniVersion: CNI_VERSION,
    name: 'flatnet',
    plugins: [own],
  }
}

export function stateFolder(host: Host): string {
  return join(host.folder, 'state')
}

export function peersFolder(host: Host): string {
  return join(host.folder, 'peers.d')
}

export function runFolder(host: Host): string {
  return `/run/flatnet-${host.name}`
}

/**
 * Returns Debian's network. `whole` selects masquerading, ports, forward rules and sysctls, the four plugins
 * that podman 4 configures for a network; otherwise it is only bridge with host-local.
 */
export function referenceNetwork(host: Host, whole: boolean): Network {
  const bridge: Plugin = {
    path: `${REFERENCE_FOLDER}/bridge`,
    conf: {
      type: 'bridge',
      bridge: 'cni-podman0',
      isGateway: true,
      hairpinMode: true,
      ipMasq: whole,
      ipam: {
        type: 'host-local',
        dataDir: join(host.folder, 'networks'),
        routes: [{ dst: '0.0.0.0/0' }],
        ranges: [[{ subnet: '10.88.0.0/24', gateway: '10.88.0.1' }]],
      },
    },
  }
  // Without a named backend the plugin would look for firewalld on the machine's D-Bus.
  const firewall: Plugin = {
    path: `${REFERENCE_FOLDER}/firewall`,
    conf: { type: 'firewall', backend: 'iptables' },
  }
  const tuning: Plugin = { path: `${REFERENCE_FOLDER}/tuning`, conf: { type: 'tuning' } }
  return {
    cniVersion: CNI_VERSION,
    name: 'podman',
    plugins: whole ? [bridge, portmap, firewall, tuning] : [bridge],
  }
}
