/**
 * What is visible of Windows from inside WSL. On any other host `kind` is "none" and the other members mean
 * nothing.
 */
export interface WslFacts {
  readonly kind: 'none' | 'wsl1' | 'wsl2'
  /** The kernel's release string. */
  readonly release: string
  /** "nat", "mirrored", "virtioproxy", "none", "bridged"; "" where the mode is unknown. */
  readonly mode: string
  /**
   * Whether systemd runs, and whether /etc/wsl.conf enables it ("true", "false"; undefined when it does not
   * say).
   */
  readonly isSystemdRunning: boolean
  readonly systemdWanted: string | undefined
  /** The Windows settings, by "section.key" in lower case; undefined where no .wslconfig was found. */
  readonly windowsConfig: { readonly path: string; readonly values: ReadonlyMap<string, string> } | undefined
  /** Whether the Windows disk is mounted, so that a missing .wslconfig is meaningful. */
  readonly seesWindowsDisk: boolean
  readonly resolver: ResolverFacts
  readonly memory: WslMemory
  /** The task by which Windows forwards; undefined where `join` has not planned for Windows. */
  readonly windowsTask: WindowsTask | undefined
}

/** What the task flatnet\sync last said of itself (docs/windows.md). */
export type WindowsTask =
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly why: string }
  | { readonly kind: 'ran'; readonly secondsAgo: number; readonly problems: readonly string[] }

/** The contents of /etc/resolv.conf. */
export interface ResolverFacts {
  readonly path: string
  /** Why the file cannot be read, for example a dangling symlink. */
  readonly problem: string | undefined
  readonly nameservers: readonly string[]
}

/** This host's place in the Windows network. */
export interface WslPlace {
  readonly address: string
  readonly gateway: string
}

/** The state at the last check; all members are undefined the first time. */
export interface WslMemory {
  readonly now: WslPlace | undefined
  /** A place other than the current one, which held until earlier in this boot or until the boot. */
  readonly earlier: WslPlace | undefined
  /** Seconds that the clock jumped forward since the last check in this boot. */
  readonly jumpedSeconds: number
}
