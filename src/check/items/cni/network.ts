// CNI-001: a network configuration uses flatnet-cni.

import { isOurs } from '../../reading/conflist.ts'
import { checkItem } from '../../item.ts'

export const network = checkItem({
  id: 'CNI-001',
  title: 'a network configuration uses flatnet-cni',
  fault: 'no network configuration uses flatnet-cni',
  why:
    'Runtimes find flatnet by a file in their folder of network configurations; ' +
    'without one no container uses it.',
  causes: [
    'The file was never installed, or was removed (podman network rm does).',
    'The runtime reads another folder.',
  ],
  steps: [
    'install -m 644 conflist/10-flatnet.conflist /etc/cni/net.d/',
    'or from a checkout, executable included: scripts/install.sh',
  ],
  needs: ['conflists', 'role'],
  judge: ({ conflists: { files, folders, podman }, role }) => {
    if (role.isBareLighthouse) return { verdict: 'skip', seen: 'a lighthouse without containers' }
    const ours = [...files.filter(({ plugins }) => plugins.some(isOurs)), ...(podman?.driver?.networks ?? [])]
    if (ours.length > 0) {
      const list = ours.map(({ name, path }) => `${name} (${path})`).join(', ')
      return { verdict: 'ok', seen: `network ${list}` }
    }
    return {
      verdict: 'fail',
      seen: `no file in ${folders.join(' or ')} names flatnet-cni`,
    }
  },
})
