// NEB-012: the containers' bridges are not told to peers as ways to this host.

import { isTold } from '../../allow-list.ts'
import { checkItem } from '../../item.ts'

// Names that runtimes give to their bridges and links; the configured bridge comes on top.
const CONTAINER_LINKS = /^(flatnet|docker|br-|podman|cni|nerdctl|virbr|lxc|lxd|veth|cali|flannel)/

export const localAllowList = checkItem({
  id: 'NEB-012',
  title: 'container bridges are hidden from peers',
  why: 'Peers try every address they are told: one of a bridge leads back into the tunnel or to themselves, and pushes the right one out of the ten that are kept.',
  causes: ['lighthouse.local_allow_list is missing, or does not name the bridge.'],
  steps: [
    "in the configuration of Nebula, lighthouse.local_allow_list: {interfaces: {'flatnet.*': false, 'docker.*': false, 'br-.*': false, 'podman.*': false, 'cni.*': false, 'veth.*': false}}",
    'systemctl restart nebula@config',
  ],
  needs: ['nebulaConfig', 'nebula'],
  after: ['NEB-006'],
  judge: ({ nebulaConfig: { lighthouse }, nebula: { otherLinks, bridge } }) => {
    const links = otherLinks.filter(({ name }) => name === bridge || CONTAINER_LINKS.test(name))
    const told = links.filter(({ name, addresses }) => isTold(lighthouse.localAllowList, name, addresses))
    // Before the first container there is no bridge; its name is what counts.
    const willBe =
      !links.some(({ name }) => name === bridge) && isTold(lighthouse.localAllowList, bridge, ['0.0.0.1'])
    if (told.length === 0 && !willBe) return { verdict: 'ok', seen: 'none of them is told' }
    const list = told.map(({ name, addresses }) => `${name} (${addresses.join(', ')})`)
    return {
      verdict: 'warn',
      seen: `told to peers: ${[...list, ...(willBe ? [`${bridge}, once it is there`] : [])].join(', ')}`,
    }
  },
})
