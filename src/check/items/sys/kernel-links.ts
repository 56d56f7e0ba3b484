// SYS-005: links that the kernel has to make.

import { checkItem } from '../../item.ts'
import { modprobeSteps } from './modprobe.ts'

export const kernelLinksItem = checkItem({
  id: 'SYS-005',
  title: 'kernel makes veth pairs and bridges',
  why: 'A container hangs on a bridge by a veth pair; a kernel without one of them gives no container a network.',
  causes: [
    'WSL2: a custom kernel (.wslconfig "kernel=") without the modules that belong to it.',
    'The kernel was updated and its modules are gone until the next boot.',
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
      seen: `kernel ${kernel.release} makes no ${feature}: ${said}`,
      next: modprobeSteps([feature], kernel),
    }))
  },
})
