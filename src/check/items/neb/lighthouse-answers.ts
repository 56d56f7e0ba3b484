// NEB-015: the lighthouses answer through the overlay.

import { checkItem } from '../../item.ts'

export const lighthouseAnswers = checkItem({
  id: 'NEB-015',
  title: 'lighthouses answer',
  why: 'Tunnels that exist live on without them, and new ones do not come about: a host that restarts is cut off.',
  causes: [
    'The lighthouse is off, or has another address than in static_host_map.',
    "A firewall drops Nebula's UDP port on the way or on the lighthouse.",
    "This host's certificate is not accepted there: expired, or from another CA.",
    'The rules of the lighthouse do not let ICMP in.',
  ],
  steps: [
    'on the lighthouse: systemctl status nebula@config',
    'see that the UDP port is open there, and that static_host_map has its address',
  ],
  needs: ['lighthouses'],
  after: ['NEB-001', 'NEB-004', 'NEB-014'],
  judge: ({ lighthouses: { hosts } }) =>
    hosts.map(({ overlay, underlay, answers }) => {
      const where = `${overlay} (${underlay.join(', ')})`
      if (answers === undefined)
        return { verdict: 'skip', seen: `${where} was not asked: the program ping is missing` }
      if (answers) return { verdict: 'ok', seen: `${where} answers` }
      return {
        verdict: hosts.every((host) => host.answers === false) ? 'fail' : 'warn',
        seen: `${where} does not answer`,
      }
    }),
})
