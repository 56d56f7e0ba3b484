// What a Nebula configuration is made from.

import type { Ip } from '../../addr/ip.ts'
import type { Prefix } from '../../addr/prefix.ts'

/** A lighthouse of the office. */
export interface Lighthouse {
  readonly overlay: Ip
  /** Where other hosts reach it over the LAN. */
  readonly endpoints: readonly Endpoint[]
}

/** A UDP port of a machine, named by IP address or DNS name. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** Nebula's own SSH server, for looking at tunnels. */
interface DebugShell {
  /** TCP port on 127.0.0.1. Nebula refuses 22. */
  readonly port: number
  /** Path of an OpenSSH private key. */
  readonly hostKey: string
  readonly user: string
  /** One line of an authorized_keys file, without options. */
  readonly authorizedKey: string
}

/** A host's subnet and the overlay address of the host. */
interface StaticRoute {
  readonly subnet: Prefix
  readonly via: Ip
}

/**
 * All that a configuration depends on. Start from {@link NEBULA_DEFAULTS}; `checkNebulaPlan` says what cannot
 * be.
 */
export interface NebulaPlan {
  /** Whether the host is a lighthouse. A lighthouse may have containers too. */
  readonly isLighthouse: boolean
  /** The version of Nebula that will read the file: "1.11.0". */
  readonly version: string
  /** The host's name in its certificate. */
  readonly name: string
  /** Paths of the CA bundle, the certificate and the private key. */
  readonly pki: { readonly ca: string; readonly cert: string; readonly key: string }
  /** The host's overlay addresses with the length of the overlay network, as in its certificate. */
  readonly addresses: readonly Prefix[]
  /** The pools of the office, one per family. */
  readonly pools: readonly Prefix[]
  /** The subnets in the host's certificate; empty for a lighthouse without containers. */
  readonly subnets: readonly Prefix[]
  /** All lighthouses of the office; on a lighthouse, itself included or not. */
  readonly lighthouses: readonly Lighthouse[]
  /** UDP port that Nebula listens on; 0 for any free one. */
  readonly listenPort: number
  /**
   * Groups whose hosts may reach this host's containers and published ports; one of them is enough.
   * Empty: all hosts.
   */
  readonly allowFrom: readonly string[]
  /** The office's LANs. */
  readonly lans: readonly Prefix[]
  /** Routes that Nebula itself installs: for Nebula before 1.7, and for a gateway host. */
  readonly routes: readonly StaticRoute[]
  /** Fingerprints of revoked certificates: 64 lowercase hexadecimal digits. */
  readonly blocklist: readonly string[]
  /** Must be the same on all hosts of an office. */
  readonly cipher: 'aes' | 'chachapoly'
  readonly device: string
  readonly mtuBytes: number
  /** The agent's port, UDP and TCP. */
  readonly agentPort: number
  /** TCP port on 127.0.0.1 of Nebula's own metrics. */
  readonly statsPort: number
  /** Names of further links of containers, besides those that runtimes usually choose. */
  readonly bridges: readonly string[]
  /** Whether lighthouses pass packets between hosts that cannot reach each other directly. */
  readonly usesRelays: boolean
  /** Whether a lighthouse answers DNS questions on its overlay address. */
  readonly servesDns: boolean
  readonly shell: DebugShell | undefined
}

/** The values that most hosts share. */
export const NEBULA_DEFAULTS = {
  allowFrom: ['containers'],
  lans: [],
  routes: [],
  blocklist: [],
  cipher: 'aes',
  device: 'nebula1',
  mtuBytes: 1300,
  agentPort: 4280,
  statsPort: 8085,
  bridges: [],
  usesRelays: true,
  servesDns: false,
  shell: undefined,
} as const satisfies Partial<NebulaPlan>

/** The first version of Nebula that learns routes from the kernel (tun.use_system_route_table). */
export const FOLLOWS_SYSTEM_ROUTES = '1.7.0'
