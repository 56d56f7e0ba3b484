// Remedies for a kernel that lacks a feature.

import type { KernelFacts } from '../../facts/kernel.ts'

/** Returns the steps that load these modules into the kernel. */
export function modprobeSteps(
  modules: readonly string[],
  { release, hasModules }: Pick<KernelFacts, 'release' | 'hasModules'>,
): readonly string[] {
  const names = modules.join(' ')
  if (hasModules) {
    return [
      `modprobe -a ${names}`,
      `for every boot: printf '%s\\n' ${names} >/etc/modules-load.d/flatnet.conf`,
    ]
  }
  return [
    `modprobe -a ${names}`,
    `there is no /lib/modules/${release}: boot the kernel that the distribution has modules for`,
    ...(/microsoft/i.test(release)
      ? [
          'a custom WSL2 kernel needs its module disk: set kernelModules= beside kernel= in .wslconfig, ' +
            'or remove both',
        ]
      : []),
  ]
}
