// CNI-010: podman uses CNI.

import { checkItem, type Finding } from '../../item.ts'
import { isAtLeast } from '../../version.ts'

export const podman = checkItem({
  id: 'CNI-010',
  title: 'podman uses CNI',
  why: 'With its other backend, netavark, podman reads no network configuration of CNI and does not know flatnet.',
  causes: [
    'podman 5 is mostly built without CNI, that of Debian 13 among them.',
    'podman 4 chooses netavark where nothing is set.',
  ],
  steps: [
    'podman 5: use nerdctl, or podman 4',
    'podman 4, in /etc/containers/containers.conf, under [network]: network_backend = "cni"; then make its containers anew',
  ],
  needs: ['conflists'],
  judge: ({ conflists: { runtimes, podman: facts } }): Finding => {
    if (facts === undefined) return { verdict: 'skip', seen: 'podman is not installed' }
    const { version, backend } = facts
    const where = backend === undefined ? '' : `network_backend is ${backend.name} (${backend.source})`
    if (backend?.name === 'cni' && !backend.isRefused) return { verdict: 'ok', seen: where }
    const isNew = version !== undefined && isAtLeast(version, '5.0.0')
    if (!isNew && backend === undefined)
      return { verdict: 'skip', seen: 'podman says nowhere which backend it uses' }
    const seen = isNew
      ? `podman ${version} is usually built without CNI${where === '' ? '' : `, and ${where}`}`
      : where
    // Where another runtime uses flatnet, podman may be there for something else.
    const others = runtimes.filter(({ name, usesCni }) => name !== 'podman' && usesCni === 'surely')
    if (others.length > 0)
      return {
        verdict: 'skip',
        seen: `${seen}; ${others.map(({ name }) => name).join(' and ')} can use flatnet`,
      }
    return { verdict: 'warn', seen, next: isNew ? NEW : OLD }
  },
})

const NEW = ['use nerdctl, or podman 4: no setting brings CNI into a podman that was built without it']
const OLD = [
  'in /etc/containers/containers.conf, under [network]: network_backend = "cni"',
  'make its containers anew: podman rm --force CONTAINER, and podman run as before',
  'only if podman still keeps to netavark: podman system reset   # DELETES all containers, images, networks and volumes',
]
