import type { CommandSpec } from '../command.ts'
import { PEER } from './operands.ts'

export const PATH: CommandSpec = {
  name: 'path',
  summary: 'which way packets to each peer go, how well, and why',
  description: [
    'With PEER everything about that one: both paths with round trip, loss and whether packets of full size pass, the ' +
      "route that is wanted and the one that is installed, what the peer's agent says of its side. It ends with 2 when no " +
      'route leads to it, or nothing comes back by the path in use; without PEER it does not: of many some are always off.',
  ],
  operands: [{ ...PEER, isOptional: true }],
  options: [
    {
      name: 'history',
      summary: 'the changes so far, oldest first; neither the agent nor the peer has to be there',
    },
    { name: 'watch', summary: 'each change as it happens; with --json one document a line' },
  ],
  json: true,
  examples: [
    { line: 'flatnet-cni path host-b', says: 'everything about host-b' },
    { line: 'flatnet-cni path host-b --history', says: 'when and why its path changed' },
    { line: 'flatnet-cni path 10.87.2.17', says: 'the peer on which that container runs' },
  ],
  exits: 'judged',
  load: async () => (await import('../path.ts')).path,
}
