// What a host's kernel needs: modules to load, and what it lacks.

import { KERNEL_LINKS, KERNEL_RULES, type KernelTrial, modulesOf } from '../../net/kernel-needs.ts'

/** What was found out about a kernel. */
export interface KernelFound {
  /** "6.6.87.2-microsoft-standard-WSL2" */
  readonly release: string
  /** Whether modules for this exact kernel are installed. */
  readonly hasModules: boolean
  /** Modules that can be loaded. */
  readonly installed: ReadonlySet<string>
  /** Empty where nothing could be tried. */
  readonly trials: readonly KernelTrial[]
}

export interface KernelPlan {
  /** Modules to load at each start; those that this kernel has built in are left out. */
  readonly atStart: readonly string[]
  /** Modules to load now, because what they bring does not work without. */
  readonly load: readonly string[]
  /** What does not work, and no module is installed for it. */
  readonly lacks: readonly KernelTrial[]
}

/** Plans. A host without containers needs Nebula's link alone. */
export function planKernel(found: KernelFound, hasContainers: boolean): KernelPlan {
  const needs = hasContainers ? [...KERNEL_LINKS, ...KERNEL_RULES] : KERNEL_LINKS.filter(isTun)
  const isInstalled = (module: string): boolean => found.installed.has(module)
  const failed = found.trials.filter(
    ({ feature, works }) => !works && needs.some((need) => need.feature === feature),
  )
  return {
    atStart: unique(needs.flatMap(({ modules }) => modules)).filter(isInstalled),
    load: unique(failed.flatMap(({ feature }) => modulesOf(feature))).filter(isInstalled),
    lacks: failed.filter(({ feature }) => !modulesOf(feature).some(isInstalled)),
  }
}

function isTun({ feature }: { readonly feature: string }): boolean {
  return feature === 'tun'
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)]
}
