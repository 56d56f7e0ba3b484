import type { CommandSpec } from '../../command.ts'
import { PEER } from '../operands.ts'

export const PATH: CommandSpec = {
  name: 'path',
  summary: 'show the path to each peer, its quality, and why it is in use',
  description: [
    'With PEER, shows both paths with round trip, loss and whether full-size packets pass, ' +
      "the wanted and the installed route, and what the peer's agent says. The exit code is then 2 if " +
      'there is no route to the peer, or no answer on the path in use. Without PEER it is not: of many ' +
      'peers, some are always off.',
  ],
  operands: [{ ...PEER, isOptional: true }],
  options: [
    {
      name: 'history',
      summary: 'print past changes, oldest first; works without the agent and without the peer',
    },
    { name: 'watch', summary: 'print each change as it happens; with --json one document per line' },
  ],
  json: true,
  examples: [
    { line: 'flatnet-cni path host-b', says: 'everything about host-b' },
    { line: 'flatnet-cni path host-b --history', says: 'when and why its path changed' },
    { line: 'flatnet-cni path 10.87.2.17', says: 'the peer that runs that container' },
  ],
  exits: 'judged',
  load: async () => (await import('./run.ts')).path,
}
