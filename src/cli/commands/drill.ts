import type { CommandSpec } from '../command.ts'
import { PEER } from './operands.ts'

export const DRILL: CommandSpec = {
  name: 'drill',
  summary: "block a peer's direct path on purpose and measure what that costs",
  description: [
    'The agent drops what goes to that peer and comes from it by the direct path, sends packets of its own between ' +
      'container subnets, and tells how long none were answered, why the path changed, and how it came back. The block is ' +
      'an entry with a timeout in the kernel: it ends by itself, whatever becomes of this command or the agent.',
  ],
  operands: [PEER],
  options: [
    { name: 'for', value: 'TIME', summary: 'how long, like 10s or 1500ms; 10s when left out' },
    { name: 'yes', short: 'y', summary: 'do not ask first' },
  ],
  json: true,
  examples: [{ line: 'flatnet-cni drill host-b --for 10s', says: 'ten seconds without the direct path' }],
  exits: 'judged',
  load: async () => (await import('../drill.ts')).drill,
}
