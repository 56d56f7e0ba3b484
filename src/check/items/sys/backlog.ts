// SYS-013: the receive queue holds a broadcast to every container.

import { checkItem, type Finding } from '../../item.ts'

export const backlogItem = checkItem({
  id: 'SYS-013',
  title: 'receive backlog holds a broadcast to every container',
  fault: 'receive backlog is too small for this many containers',
  why:
    'A broadcast on the bridge is copied once for every container at the same moment. ' +
    'Copies beyond net.core.netdev_max_backlog are lost, ARP included: containers cannot find each other.',
  causes: ["Hundreds of containers run on one host with the kernel's default of 1000."],
  steps: ['sysctl -w net.core.netdev_max_backlog=4096'],
  needs: ['sysctls', 'links', 'settings'],
  judge: ({ sysctls, links, settings }): Finding => {
    const backlog = Number(sysctls.get('core/netdev_max_backlog') ?? '1000')
    const ports = links.filter(({ master }) => master === settings.bridge).length
    const seen =
      `${String(ports)} ports on ${settings.bridge}, ` + `net.core.netdev_max_backlog = ${String(backlog)}`
    return { verdict: ports * 1.25 > backlog ? 'warn' : 'ok', seen }
  },
})
