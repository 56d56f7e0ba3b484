// IPAM-009: the bridge has ports left.

import { checkItem } from '../../item.ts'

// linux/net/bridge/br_private.h: BR_MAX_PORTS is 1 << 10, and port 0 is never assigned (find_portno() in
// br_if.c).
const MOST_PORTS = 1023
const WARN_FROM = Math.ceil(MOST_PORTS * 0.8)

export const bridgePorts = checkItem({
  id: 'IPAM-009',
  title: 'bridge has ports left',
  fault: 'bridge is full',
  why:
    'The kernel gives a bridge 1,023 ports: one more container does not start, ' +
    'however many addresses are left.',
  causes: ['More than a thousand containers run on this host.'],
  steps: ['remove containers, or start the next ones on another host'],
  needs: ['bridge'],
  judge: ({ bridge: { name, ports, exists } }) => {
    if (!exists) return { verdict: 'skip', subject: name, seen: 'there is no bridge yet' }
    const seen = `${String(ports)} of ${String(MOST_PORTS)} ports in use`
    if (ports < WARN_FROM) return { verdict: 'ok', subject: name, seen }
    return {
      ...(ports >= MOST_PORTS ? { verdict: 'fail' } : { verdict: 'warn', fault: 'bridge is nearly full' }),
      subject: name,
      seen,
      next: ['remove containers, or start the next ones on another host'],
    }
  },
})
