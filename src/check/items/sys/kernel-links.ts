// SYS-005: the kernel can create the link types we need.

import { checkItem } from '../../item.ts'
import { modprobeSteps } from './modprobe.ts'

export const kernelLinksItem = checkItem({
  id: 'SYS-005',
  title: 'kernel supports veth pairs and bridges',
  fault: 'kernel lacks veth pairs or bridges',
  why:
    'A veth pair connects each container to a bridge; a kernel without either gives no ' +
    'container a network.',
  causes: [
    'WSL2: a custom kernel (.wslconfig "kernel=") without the modules that belong to it.',
    'The kernel was updated, and the modules of the running one were removed.',
  ],
  steps: ['modprobe veth bridge'],
  needs: ['kernel'],
  after: ['SYS-002', 'SYS-003'],
  pre: true,
  judge: ({ kernel }) => {
    const missing = kernel.links.filter(({ feature, works }) => !works && feature !== 'tun')
    if (missing.length === 0) return { verdict: 'ok', seen: `kernel ${kernel.release}` }
    return missing.map(({ feature, said }) => ({
      verdict: 'fail' as const,
      subject: feature,
      seen: `kernel ${kernel.release} cannot create a ${feature}: ${said}`,
      next: modprobeSteps([feature], kernel),
    }))
  },
})
