// PATH-007: the kernel has the route that the agent wants.

import { checkItem } from '../../item.ts'

export const route = checkItem({
  id: 'PATH-007',
  title: 'kernel has the route that the agent wants',
  fault: 'kernel sends traffic on another path than the agent wants',
  why:
    "Packets follow the kernel's routes: one that was removed or added sends traffic where the agent " +
    'does not expect it.',
  causes: ['A user or a network manager removed or added a route.', 'The agent has stopped.'],
  steps: ['flatnet-cni sync', 'ip route show proto 77'],
  needs: ['paths'],
  after: ['NEB-004'],
  judge: ({ paths }) =>
    paths.peers.map(({ name, subnets, route: { wanted, installed } }) => {
      const words = { p2p: 'the direct path', gateway: 'the gateway path', none: 'no path' } as const
      if (wanted === installed)
        return { verdict: 'ok', subject: name, seen: `traffic takes ${words[installed]}` }
      if (wanted === 'gateway' && installed === 'none' && !paths.hasGateway) {
        return {
          verdict: 'skip',
          subject: name,
          seen: 'there is no gateway path, and the direct path is not in use',
        }
      }
      return {
        verdict: 'fail',
        subject: name,
        seen: `traffic should take ${words[wanted]}, but takes ${words[installed]}`,
        next: ['flatnet-cni sync', ...subnets.map((subnet) => `ip route show ${subnet}`)],
      }
    }),
})
