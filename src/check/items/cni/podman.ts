// CNI-010: podman uses CNI.

import { checkItem } from '../../item.ts'

export const podman = checkItem({
  id: 'CNI-010',
  title: 'podman uses CNI',
  why: 'With its other backend, netavark, podman reads no network configuration of CNI and does not know flatnet.',
  causes: [
    'podman 4 and newer choose netavark where nothing is set.',
    'podman 5 is mostly built without CNI.',
  ],
  steps: ['in /etc/containers/containers.conf, under [network]: network_backend = "cni"'],
  needs: ['conflists'],
  judge: ({ conflists: { runtimes, podmanBackend } }) => {
    if (!runtimes.some(({ name }) => name === 'podman')) {
      return { verdict: 'skip', seen: 'podman is not installed' }
    }
    if (podmanBackend === undefined)
      return { verdict: 'skip', seen: 'podman says nowhere which backend it uses' }
    const { backend, source } = podmanBackend
    if (backend === 'cni') return { verdict: 'ok', seen: `network_backend is cni (${source})` }
    return {
      verdict: 'warn',
      seen: `network_backend is netavark (${source})`,
      next: [
        'in /etc/containers/containers.conf, under [network]: network_backend = "cni"',
        'podman system reset (removes all containers), or make the containers anew',
      ],
    }
  },
})
