// Network configurations on this host, and where the runtimes look for them and for plugins.

import type { JsonObject } from '../../config/shape.ts'

/** One plugin of a configuration. */
export interface ConflistPlugin {
  readonly type: string
  /** The plugin it delegates addresses to. */
  readonly ipam: string | undefined
  /** Names of the capabilities that are switched on. */
  readonly capabilities: readonly string[]
  readonly conf: JsonObject
}

/** One file in a folder of network configurations. */
export interface ConflistFile {
  readonly path: string
  /** Why it is no network configuration; then the rest is empty. */
  readonly problem: string | undefined
  readonly name: string
  readonly cniVersion: string
  readonly plugins: readonly ConflistPlugin[]
  /** What `flatnet-cni` itself says against its part; empty when it takes it. */
  readonly refusals: readonly string[]
  /** The settings that its part comes to; undefined where it is not ours or is refused. */
  readonly settings: ConflistSettings | undefined
}

/** What every configuration of a host has to agree in, and the bridge, which tells two networks apart. */
export interface ConflistSettings {
  readonly stateDir: string
  readonly pools: string
  readonly bridge: string
}

/** A runtime that is installed, and the folders in which it looks for plugins, in its order. */
export interface Runtime {
  readonly name: 'podman' | 'containerd' | 'nerdctl' | 'cri-o'
  readonly pluginFolders: readonly string[]
  /** Whether it takes its networks from CNI: a containerd may be there for Docker alone. */
  readonly usesCni: 'surely' | 'perhaps' | 'no'
}

/** What podman says of itself. */
export interface PodmanFacts {
  /** "4.3.1"; undefined where it did not say. */
  readonly version: string | undefined
  /** Its network backend, as its settings or its storage say, and whether a podman 5 told to use CNI can. */
  readonly backend:
    { readonly name: 'cni' | 'netavark'; readonly source: string; readonly isRefused: boolean } | undefined
}

/** A file in one of those folders. */
export interface PluginFile {
  readonly path: string
  /** A regular file, by links too: what runtimes take when they look for the plugin (libcni, FindInPath). */
  readonly isFile: boolean
  readonly isExecutable: boolean
  /** Whether it is, byte by byte, the executable that runs this check. Known for files of our names only, if there was time. */
  readonly isThisOne: boolean | undefined
}

export interface ConflistFacts {
  /** The folders looked in. */
  readonly folders: readonly string[]
  readonly files: readonly ConflistFile[]
  readonly runtimes: readonly Runtime[]
  readonly plugins: readonly PluginFile[]
  /** Undefined where it is not installed. */
  readonly podman: PodmanFacts | undefined
}
