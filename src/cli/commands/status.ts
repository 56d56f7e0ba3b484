import type { CommandSpec } from '../command.ts'

export const STATUS: CommandSpec = {
  name: 'status',
  summary: 'this host, and every peer with its path, at a glance',
  description: [
    'Paths are measured by the agent. Where none answers, the table shows what certificates and the kernel say: which ' +
      'peers there are and which route is installed. On a host that is not set up yet it says what is missing.',
  ],
  options: [{ name: 'strict', summary: 'end with 1 when there are warnings' }],
  json: true,
  examples: [
    { line: 'flatnet-cni status', says: 'who is reached which way, how fast, since when and why' },
    {
      line: 'flatnet-cni status --json | jq \'.peers[] | select(.phase != "P2P_ACTIVE") | .name\'',
      says: 'the peers that are not reached directly',
    },
  ],
  exits: 'judged',
  load: async () => (await import('../status.ts')).status,
}
