/** What of Windows can be seen from inside WSL. On any other host `kind` is "none" and the rest means nothing. */
export interface WslFacts {
  readonly kind: 'none' | 'wsl1' | 'wsl2'
  /** The kernel's own name for itself. */
  readonly release: string
  /** "nat", "mirrored", "virtioproxy", "none", "bridged"; "" where it cannot be told. */
  readonly mode: string
  /** Whether systemd runs, and whether /etc/wsl.conf asks for it ("true", "false", undefined: not said). */
  readonly isSystemdRunning: boolean
  readonly systemdWanted: string | undefined
  /** Windows' side, by "section.key" in lower case; undefined where no .wslconfig was found. */
  readonly windowsConfig: { readonly path: string; readonly values: ReadonlyMap<string, string> } | undefined
  /** Whether Windows' disk is mounted, so that a missing .wslconfig says something. */
  readonly seesWindowsDisk: boolean
  readonly resolver: ResolverFacts
  readonly memory: WslMemory
}

/** /etc/resolv.conf. */
export interface ResolverFacts {
  readonly path: string
  /** Why it cannot be read: a link into nowhere, for one. */
  readonly problem: string | undefined
  readonly nameservers: readonly string[]
}

/** Where this host stands in Windows' network. */
export interface WslPlace {
  readonly address: string
  readonly gateway: string
}

/** What was so the last time somebody looked; all undefined the first time. */
export interface WslMemory {
  readonly now: WslPlace | undefined
  /** Another place than now, as it was until a moment of this boot or until it began. */
  readonly earlier: WslPlace | undefined
  /** Seconds by which the clock was put forward since the last look in this boot. */
  readonly jumpedSeconds: number
}
