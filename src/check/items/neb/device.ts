// NEB-004: its link is there, up, and has the certificate's address.

import { checkItem } from '../../item.ts'

export const device = checkItem({
  id: 'NEB-004',
  title: 'nebula link is up with the address of the certificate',
  why: 'It is the way to every other host; with another address, or down, nothing goes through it.',
  causes: [
    'Nebula is still starting, or has been stopped.',
    'Nebula uses another certificate than flatnet.',
    'Somebody set the link down, or "device" in the settings names another one.',
  ],
  steps: ['ip address show', 'systemctl restart nebula@config'],
  needs: ['nebula'],
  after: ['NEB-001', 'NEB-003', 'NEB-007'],
  judge: ({ nebula: { link, overlay, wantedDevice } }) => {
    if (overlay.length === 0)
      return { verdict: 'skip', seen: 'the certificate of this host is not to be believed' }
    const wanted = overlay.join(' and ')
    if (link === undefined) {
      const seen = wantedDevice === 'auto' ? `no link has ${wanted}` : `there is no link ${wantedDevice}`
      return { verdict: 'fail', seen }
    }
    const missing = overlay.filter((address) => !link.addresses.includes(address))
    if (missing.length > 0) {
      const has = link.addresses.length === 0 ? 'none' : link.addresses.join(', ')
      return { verdict: 'fail', seen: `${link.name} has ${has}, the certificate ${missing.join(' and ')}` }
    }
    if (!link.isUp) {
      return {
        verdict: 'fail',
        seen: `${link.name} is down`,
        next: [`ip link set ${link.name} up`, 'flatnet-cni sync'],
      }
    }
    return { verdict: 'ok', seen: `${link.name} with ${wanted}` }
  },
})
