// NEB-015: the lighthouses answer through the overlay.

import { START_SCRIPT } from '../../../provision/host/wanted.ts'
import { checkItem } from '../../item.ts'

export const lighthouseAnswers = checkItem({
  id: 'NEB-015',
  title: 'lighthouses answer',
  fault: 'lighthouse does not answer',
  why:
    'Existing tunnels survive without lighthouses, but no new ones are made: ' +
    'a host that restarts is cut off.',
  causes: [
    'The lighthouse is down, or has another address than in static_host_map.',
    "A firewall on the way or on the lighthouse drops Nebula's UDP port.",
    "The lighthouse refuses this host's certificate: expired, or from another CA.",
    'The firewall rules of the lighthouse do not let ICMP in.',
  ],
  steps: [
    'on the lighthouse: pgrep -a -x nebula',
    'if that shows nothing, start it as that host does: systemctl restart flatnet-nebula where join set ' +
      `it up, or the unit of its package (nebula@config, nebula); without systemd, ${START_SCRIPT} start`,
    'check that its UDP port is open, and that static_host_map has its address',
  ],
  needs: ['lighthouses'],
  after: ['NEB-001', 'NEB-004', 'NEB-014'],
  judge: ({ lighthouses: { hosts } }) =>
    hosts.map(({ overlay, underlay, answers }) => {
      const where = `${overlay} (${underlay.join(', ')})`
      if (answers === undefined)
        return { verdict: 'skip', seen: `${where} was not asked: ping is not installed` }
      if (answers) return { verdict: 'ok', seen: `${where} answers` }
      return {
        verdict: hosts.every((host) => host.answers === false) ? 'fail' : 'warn',
        seen: `${where} does not answer`,
      }
    }),
})
