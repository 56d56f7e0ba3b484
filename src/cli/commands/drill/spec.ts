import type { CommandSpec } from '../../command.ts'
import { PEER } from '../operands.ts'

export const DRILL: CommandSpec = {
  name: 'drill',
  summary: "block a peer's direct path on purpose and measure the outage",
  description: [
    'The agent drops packets to and from that peer on the direct path, sends test packets between the ' +
      'container subnets, and reports how long none were answered, why the path changed and how it came ' +
      'back. The block is an entry with a timeout in the kernel: it expires even if this command or the ' +
      'agent is killed.',
  ],
  operands: [PEER],
  options: [
    { name: 'for', value: 'TIME', summary: 'how long to block, like 10s or 1500ms (default 10s)' },
    { name: 'yes', short: 'y', summary: 'do not ask for confirmation' },
  ],
  json: true,
  examples: [{ line: 'flatnet-cni drill host-b --for 10s', says: 'ten seconds without the direct path' }],
  exits: 'judged',
  load: async () => (await import('./run.ts')).drill,
}
