import type { KernelTrial } from '../../net/kernel-needs.ts'

export interface KernelFacts {
  /** "6.6.87.2-microsoft-standard-WSL2" */
  readonly release: string
  /** Whether modules for this exact kernel are installed. */
  readonly hasModules: boolean
  readonly links: readonly KernelTrial[]
  readonly rules: readonly KernelTrial[]
}
