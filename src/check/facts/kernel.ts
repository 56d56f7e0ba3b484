/** One feature that the kernel was asked for in a temporary network namespace. */
export interface KernelTrial {
  /** "bridge", "tun", "nft masquerade", … */
  readonly feature: string
  readonly works: boolean
  /** The message of `ip` or `nft` when the feature does not work. */
  readonly said: string
}

export interface KernelFacts {
  /** "6.6.87.2-microsoft-standard-WSL2" */
  readonly release: string
  /** Whether modules for this exact kernel are installed. */
  readonly hasModules: boolean
  readonly links: readonly KernelTrial[]
  readonly rules: readonly KernelTrial[]
}
