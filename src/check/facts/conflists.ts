// The network configurations on this host, and the folders where runtimes look for them and for plugins.

import type { JsonObject } from '../../json.ts'

/** One plugin of a configuration. */
export interface ConflistPlugin {
  readonly type: string
  /** The IPAM plugin that it delegates to. */
  readonly ipam: string | undefined
  /** Names of the enabled capabilities. */
  readonly capabilities: readonly string[]
  readonly conf: JsonObject
}

/** One file in a folder of network configurations. */
export interface ConflistFile {
  readonly path: string
  /** Why the file is not a valid network configuration; the other members are then empty. */
  readonly problem: string | undefined
  readonly name: string
  readonly cniVersion: string
  readonly plugins: readonly ConflistPlugin[]
  /** Reasons why `flatnet-cni` itself refuses its part; empty when it accepts it. */
  readonly refusals: readonly string[]
  /** The settings that our part results in; undefined when the file is not ours or is refused. */
  readonly settings: ConflistSettings | undefined
}

/**
 * The settings that all configurations of a host must share, and the bridge, which distinguishes two
 * networks.
 */
export interface ConflistSettings {
  readonly stateDir: string
  readonly pools: string
  readonly bridge: string
}

/** An installed runtime, and the folders where it looks for plugins, in search order. */
export interface Runtime {
  readonly name: 'podman' | 'containerd' | 'nerdctl' | 'cri-o'
  readonly pluginFolders: readonly string[]
  /** Whether it takes its networks from CNI: a containerd may be installed for Docker alone. */
  readonly usesCni: 'surely' | 'perhaps' | 'no'
}

/** What podman reports about itself. */
export interface PodmanFacts {
  /** "4.3.1"; undefined where podman did not report it. */
  readonly version: string | undefined
  /**
   * The network backend named by its settings or its storage, and whether a podman 5 configured for CNI
   * supports it.
   */
  readonly backend:
    { readonly name: 'cni' | 'netavark'; readonly source: string; readonly isRefused: boolean } | undefined
  /** From podman 5 on. */
  readonly driver: PodmanDriver | undefined
}

/** Our network driver as podman 5 finds it. */
export interface PodmanDriver {
  /** The folders where podman looks for drivers, in search order. */
  readonly folders: readonly string[]
  /** The first file with the driver's name, dangling links included. */
  readonly path: string | undefined
  readonly isExecutable: boolean
  readonly networks: readonly PodmanNetworkFile[]
  /** The firewall driver that the settings name. netavark starts it even for networks of other drivers. */
  readonly firewall: PodmanFirewall | undefined
}

/** A firewall driver of netavark. */
export interface PodmanFirewall {
  readonly name: string
  /** The file that names it. */
  readonly source: string
  /** What it needs and this host does not have; undefined if nothing is missing. */
  readonly lacks: string | undefined
}

/** A network of podman that uses our driver. */
export interface PodmanNetworkFile {
  readonly path: string
  readonly name: string
  /** As podman shows them. Addresses come from the certificate. */
  readonly subnets: readonly string[]
}

/** A file in one of those folders. */
export interface PluginFile {
  readonly path: string
  /**
   * A regular file, or a symlink to one. Runtimes accept only these when they look for a plugin (libcni,
   * FindInPath).
   */
  readonly isFile: boolean
  readonly isExecutable: boolean
  /**
   * Whether the file is byte for byte the executable that runs this check. Known only for files with our
   * names, and only if time allowed.
   */
  readonly isThisOne: boolean | undefined
}

export interface ConflistFacts {
  /** The folders that were searched. */
  readonly folders: readonly string[]
  readonly files: readonly ConflistFile[]
  readonly runtimes: readonly Runtime[]
  readonly plugins: readonly PluginFile[]
  /** Undefined where podman is not installed. */
  readonly podman: PodmanFacts | undefined
}
