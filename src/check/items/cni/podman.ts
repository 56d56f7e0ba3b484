// CNI-010: podman has a way to flatnet: CNI up to 4, and from 5 on its network driver (CNI-012).

import { checkItem, type Finding } from '../../item.ts'
import { isAtLeast } from '../../../program-version.ts'

export const podman = checkItem({
  id: 'CNI-010',
  title: 'podman can use flatnet',
  fault: 'podman cannot use flatnet',
  why:
    'Up to version 4, podman knows flatnet through CNI only. ' +
    'From version 5 on it has no CNI, and refuses every command where its settings ask for it.',
  causes: [
    'podman 4 chooses its other backend, netavark, where nothing is set.',
    'podman 5 has taken the place of podman 4, and the settings still name CNI.',
  ],
  steps: [
    'podman 4, in /etc/containers/containers.conf, under [network]: network_backend = "cni"; ' +
      'then recreate its containers',
    'podman 5: remove that line',
  ],
  needs: ['conflists'],
  judge: ({ conflists: { runtimes, podman: facts } }): Finding => {
    if (facts === undefined) return { verdict: 'skip', seen: 'podman is not installed' }
    const { version, backend } = facts
    const where = backend === undefined ? '' : `network_backend is ${backend.name} (${backend.source})`
    if (backend?.name === 'cni' && !backend.isRefused) return { verdict: 'ok', seen: where }
    if (version !== undefined && isAtLeast(version, '5.0.0')) {
      if (backend?.name !== 'cni')
        return { verdict: 'ok', seen: `podman ${version} has network drivers in place of CNI` }
      const seen = `podman ${version} was built without CNI and refuses every command, for ${where}`
      return { verdict: 'fail', seen, next: [`remove network_backend from ${backend.source}`] }
    }
    if (backend === undefined)
      return { verdict: 'skip', seen: 'the configuration of podman does not say which backend it uses' }
    // Where another runtime uses flatnet, podman may be installed for other purposes.
    const others = runtimes.filter(({ name, usesCni }) => name !== 'podman' && usesCni === 'surely')
    if (others.length > 0)
      return {
        verdict: 'skip',
        seen: `${where}; ${others.map(({ name }) => name).join(' and ')} can use flatnet`,
      }
    return { verdict: 'warn', seen: where, next: OLD }
  },
})

const OLD = [
  'in /etc/containers/containers.conf, under [network]: network_backend = "cni"',
  'recreate its containers: podman rm --force CONTAINER, then podman run as before',
  'only if podman still uses netavark: podman system reset   # DELETES all containers, images, ' +
    'networks and volumes',
]
