import type { CommandSpec } from '../../command.ts'

export const STATUS: CommandSpec = {
  name: 'status',
  summary: 'show this host, and every peer with its path',
  description: [
    'The agent measures the paths. Where no agent answers, the table shows what the certificates and the ' +
      'kernel say: the peers, and the route installed for each. On a host that is not set up yet, it says ' +
      'what is missing.',
  ],
  options: [{ name: 'strict', summary: 'exit with 1 if there are warnings' }],
  json: true,
  examples: [
    { line: 'flatnet-cni status', says: 'the path to each peer, its speed, age and reason' },
    {
      line: 'flatnet-cni status --json | jq \'.peers[] | select(.phase != "P2P_ACTIVE") | .name\'',
      says: 'the peers that are not on the direct path',
    },
  ],
  exits: 'judged',
  load: async () => (await import('./run.ts')).status,
}
