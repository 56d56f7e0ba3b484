// AGENT-014: the agent answers the names of containers.

import { checkItem } from '../../item.ts'

export const names = checkItem({
  id: 'AGENT-014',
  title: 'names of containers are answered',
  fault: 'names of containers are not answered',
  why:
    'The agent answers DNS on the bridge address. A container that was told to ask there finds no name of ' +
    'another container, and none at all if no resolver of the host can stand in.',
  causes: [
    'Another resolver listens on port 53 of all addresses: dnsmasq, bind9, or unbound.',
    'The agent may not open ports below 1024: its systemd unit is from an earlier version.',
  ],
  steps: [
    "see who has it: ss -lpntu 'sport = :53'",
    'let that resolver listen on its own addresses only (dnsmasq: bind-interfaces and listen-address)',
    'systemctl restart flatnet-agent',
  ],
  needs: ['agent'],
  after: ['AGENT-001'],
  judge: ({ agent: { status } }) => {
    if (status === undefined) return { verdict: 'skip', seen: 'the agent does not answer' }
    if (status.names === undefined) return { verdict: 'skip', seen: 'the agent does not report it' }
    const { domain, closed } = status.names
    if (closed.length === 0) return { verdict: 'ok', seen: `names under ${domain}` }
    return closed.map(({ address, reason }) => ({
      verdict: 'warn',
      seen: `port 53 of ${address}: ${reason}`,
    }))
  },
})
