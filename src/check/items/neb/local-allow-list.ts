// NEB-012: Nebula does not advertise the container bridges to peers as underlay addresses.

import { NEBULA } from '../../../nebula/service.ts'
import { isTold } from '../../reading/allow-list.ts'
import { checkItem } from '../../item.ts'

// Names that runtimes give to their bridges and links; the configured bridge is added to them.
const CONTAINER_LINKS = /^(flatnet|docker|br-|podman|cni|nerdctl|virbr|lxc|lxd|veth|cali|flannel)/

export const localAllowList = checkItem({
  id: 'NEB-012',
  title: 'container bridges are not advertised to peers',
  fault: 'container bridges are advertised to peers',
  why:
    'Peers try every advertised address. The address of a bridge leads back into the tunnel or to ' +
    'the peer itself, and takes one of the ten places for good addresses.',
  causes: ['lighthouse.local_allow_list is missing, or does not name the bridge.'],
  steps: [
    "in the configuration of Nebula, lighthouse.local_allow_list: {interfaces: {'flatnet.*': false, " +
      "'docker.*': false, 'br-.*': false, 'podman.*': false, 'cni.*': false, 'veth.*': false}}",
    NEBULA.restart,
  ],
  needs: ['nebulaConfig', 'nebula'],
  after: ['NEB-006'],
  judge: ({ nebulaConfig: { lighthouse }, nebula: { otherLinks, bridge } }) => {
    const links = otherLinks.filter(({ name }) => name === bridge || CONTAINER_LINKS.test(name))
    const told = links.filter(({ name, addresses }) => isTold(lighthouse.localAllowList, name, addresses))
    // Before the first container the bridge does not exist, so its name decides.
    const willBe =
      !links.some(({ name }) => name === bridge) && isTold(lighthouse.localAllowList, bridge, ['0.0.0.1'])
    if (told.length === 0 && !willBe) return { verdict: 'ok', seen: 'none is advertised' }
    const list = told.map(({ name, addresses }) => `${name} (${addresses.join(', ')})`)
    return {
      verdict: 'warn',
      seen: `advertised: ${[...list, ...(willBe ? [`${bridge}, once it exists`] : [])].join(', ')}`,
    }
  },
})
