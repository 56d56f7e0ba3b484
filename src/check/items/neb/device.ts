// NEB-004: the Nebula interface exists, is up, and has the certificate's address.

import { NEBULA } from '../../../nebula/service.ts'
import { checkItem } from '../../item.ts'

export const device = checkItem({
  id: 'NEB-004',
  title: 'nebula link is up with the address of the certificate',
  fault: 'nebula link is missing',
  why:
    'All direct traffic to other hosts passes this link; while it is down or has another address, ' +
    'nothing does.',
  causes: [
    'Nebula is still starting, or was stopped.',
    'Nebula uses another certificate than flatnet.',
    'Something set the link down, or "device" in the settings names another link.',
  ],
  steps: ['ip address show', NEBULA.restart],
  needs: ['nebula'],
  after: ['NEB-001', 'NEB-003', 'NEB-007', 'SYS-016'],
  judge: ({ nebula: { link, overlay, wantedDevice } }) => {
    if (overlay.length === 0) return { verdict: 'skip', seen: 'the certificate of this host is not valid' }
    const wanted = overlay.join(' and ')
    if (link === undefined) {
      const seen = wantedDevice === 'auto' ? `no link has ${wanted}` : `there is no link ${wantedDevice}`
      return { verdict: 'fail', seen }
    }
    const missing = overlay.filter((address) => !link.addresses.includes(address))
    if (missing.length > 0) {
      const has = link.addresses.length === 0 ? 'none' : link.addresses.join(', ')
      const seen = `${link.name} has ${has}, but the certificate says ${missing.join(' and ')}`
      return { verdict: 'fail', fault: 'nebula link has the wrong address', seen }
    }
    if (!link.isUp) {
      return {
        verdict: 'fail',
        fault: 'nebula link is down',
        seen: `${link.name} is down`,
        next: [`ip link set ${link.name} up`, 'flatnet-cni sync'],
      }
    }
    return { verdict: 'ok', seen: `${link.name} with ${wanted}` }
  },
})
