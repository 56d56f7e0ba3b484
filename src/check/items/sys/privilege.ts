// SYS-002: whose process this is.

import { checkItem, type Finding } from '../../item.ts'

export const privilegeItem = checkItem({
  id: 'SYS-002',
  title: "runs as the machine's root in the host's network namespace",
  why: 'Links, routes and rules belong to a network namespace, and only root of the machine may change them. Seen from another place the host looks empty.',
  causes: [
    'The command was typed without sudo.',
    'It runs inside a container, or the runtime is rootless (rootless podman, rootless nerdctl).',
  ],
  steps: ['sudo flatnet-cni check'],
  needs: ['privilege'],
  pre: true,
  judge: ({ privilege: { euid, isMachineRoot, isNetworkOfInit } }): Finding => {
    if (euid !== 0) return { verdict: 'fail', seen: `runs as user ${String(euid)}` }
    if (!isMachineRoot) {
      const next = ['start containers as root: sudo podman, sudo nerdctl; rootless ones get no flatnet']
      return { verdict: 'fail', seen: 'runs as root of a user namespace only', next }
    }
    if (isNetworkOfInit === false) {
      const next = ['nsenter --target 1 --net flatnet-cni check']
      return { verdict: 'warn', seen: 'this network namespace is not that of process 1', next }
    }
    return { verdict: 'ok', seen: 'root' }
  },
})
