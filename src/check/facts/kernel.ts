/** One thing that the kernel was asked to do in a network namespace of its own, which is gone since. */
export interface KernelTrial {
  /** "bridge", "tun", "nft masquerade", … */
  readonly feature: string
  readonly works: boolean
  /** What `ip` or `nft` said when it does not. */
  readonly said: string
}

export interface KernelFacts {
  /** "6.6.87.2-microsoft-standard-WSL2" */
  readonly release: string
  /** Whether there are modules for this very kernel. */
  readonly hasModules: boolean
  readonly links: readonly KernelTrial[]
  readonly rules: readonly KernelTrial[]
}
