// SYS-006: the kernel can create the tun device that Nebula needs.

import { checkItem } from '../../item.ts'
import { modprobeSteps } from './modprobe.ts'

export const tunItem = checkItem({
  id: 'SYS-006',
  title: 'kernel supports tun devices',
  fault: 'kernel cannot create tun devices',
  why: 'Nebula needs a tun device; without one this host has only the gateway path.',
  causes: [
    'The module tun is not loaded, or /dev/net/tun was never made.',
    'WSL2: a custom kernel without its modules.',
  ],
  steps: ['modprobe tun'],
  needs: ['kernel'],
  after: ['SYS-002', 'SYS-003'],
  pre: true,
  judge: ({ kernel }) => {
    const tun = kernel.links.find(({ feature }) => feature === 'tun')
    if (tun === undefined || tun.works) return { verdict: 'ok', seen: '/dev/net/tun works' }
    const next = [
      ...modprobeSteps(['tun'], kernel),
      'mkdir -p /dev/net && mknod /dev/net/tun c 10 200   # where udev does not run',
    ]
    return { verdict: 'fail', seen: `cannot create a tun device: ${tun.said}`, next }
  },
})
