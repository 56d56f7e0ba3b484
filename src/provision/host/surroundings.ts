// What join has to know of the host besides its files.

import type { ProgramName } from '../enrolment/programs.ts'
import type { KernelFound } from './kernel.ts'

/** The networking mode of WSL2 as `wslinfo` names it, or 'none' on plain Linux. */
export type WslMode = 'none' | 'nat' | 'mirrored' | 'virtioproxy' | 'other'

/** What WSL runs when it starts without systemd: flatnet's, with the text of /etc/wsl.conf, or another. */
export type BootCommand =
  | { readonly kind: 'ours'; readonly wslConf: string }
  | { readonly kind: 'other'; readonly command: string }
  | { readonly kind: 'none' }

/** A program that the office has handed over, which this host lacks. */
export interface HandedProgram {
  readonly name: ProgramName
  /** Where it is until join puts it in its place. */
  readonly copyOf: string
  readonly sha256: string
}

/** Where programs of the office go. */
export const HANDED_FOLDER = '/usr/local/bin'

export interface Surroundings {
  readonly nebula: { readonly executable: string; readonly version: string }
  readonly handed: readonly HandedProgram[]
  readonly hasSystemd: boolean
  readonly kernel: KernelFound
  /** The unit nebula@.service of Debian's package is there. */
  readonly hasNebulaUnit: boolean
  /** The unit of the agent is there with its package, which also upgrades it. */
  readonly hasAgentUnit: boolean
  readonly wsl: WslMode
  readonly bootCommand: BootCommand
  /** Fingerprints that Nebula's configuration blocks. */
  readonly blocked: readonly string[]
  /** A network configuration that names the plugin. */
  readonly conflist: string | undefined
  /** Folders besides /opt/cni/bin where runtimes look for plugins. */
  readonly pluginFolders: readonly string[]
  /** This executable, where it is not in /opt/cni/bin yet. */
  readonly program: { readonly copyOf: string; readonly sha256: string } | undefined
}
