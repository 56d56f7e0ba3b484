// PATH-007: the kernel has the route that the agent wants.

import { checkItem } from '../../item.ts'

export const route = checkItem({
  id: 'PATH-007',
  title: 'installed route is the wanted one',
  why: 'The kernel sends by its own table: a route that somebody removed or added sends traffic where the agent does not know.',
  causes: ['Somebody or a network manager removed or added a route.', 'The agent has stopped.'],
  steps: ['flatnet-cni sync', 'ip route show proto 77'],
  needs: ['paths'],
  after: ['NEB-004'],
  judge: ({ paths }) =>
    paths.peers.map(({ name, subnets, route: { wanted, installed } }) => {
      const words = { p2p: 'directly', gateway: 'by the gateway', none: 'nowhere' } as const
      if (wanted === installed)
        return { verdict: 'ok', subject: name, seen: `traffic goes ${words[installed]}` }
      if (wanted === 'gateway' && installed === 'none' && !paths.hasGateway) {
        return {
          verdict: 'skip',
          subject: name,
          seen: 'there is no gateway path, and the direct one is not in use',
        }
      }
      return {
        verdict: 'fail',
        subject: name,
        seen: `traffic should go ${words[wanted]}, and the kernel sends it ${words[installed]}`,
        next: ['flatnet-cni sync', ...subnets.map((subnet) => `ip route show ${subnet}`)],
      }
    }),
})
