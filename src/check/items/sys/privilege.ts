// SYS-002: the process is root in the host's network namespace.

import { checkItem, type Finding } from '../../item.ts'

export const privilegeItem = checkItem({
  id: 'SYS-002',
  title: "this command runs as root in the host's network namespace",
  fault: 'this command does not run as root',
  why:
    'Links, routes and rules belong to a network namespace, ' +
    'and only root of the machine may change them. From anywhere else the host looks empty.',
  causes: [
    'The command was run without sudo.',
    'It runs in a container, or the runtime is rootless (rootless podman, rootless nerdctl).',
  ],
  steps: ['sudo flatnet-cni check'],
  needs: ['privilege'],
  pre: true,
  judge: ({ privilege: { euid, isMachineRoot, isNetworkOfInit } }): Finding => {
    if (euid !== 0) return { verdict: 'fail', seen: `it runs as user ${String(euid)}` }
    if (!isMachineRoot) {
      const next = ['start containers as root: sudo podman, sudo nerdctl; rootless ones get no flatnet']
      return { verdict: 'fail', seen: 'it runs as root of a user namespace only', next }
    }
    if (isNetworkOfInit === false) {
      const next = ['nsenter --target 1 --net flatnet-cni check']
      const fault = "this command runs outside the host's network namespace"
      return { verdict: 'warn', fault, seen: 'this network namespace is not that of process 1', next }
    }
    return { verdict: 'ok', seen: 'root' }
  },
})
