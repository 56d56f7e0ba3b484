import type { CommandSpec } from '../command.ts'

export const GC: CommandSpec = {
  name: 'gc',
  summary: 'remove what containers left behind that are gone; says why for each thing',
  description: [
    'Leases, links, records and rules of containers that are provably gone: from before this boot, without a link, or ' +
      'without a process in their namespace. The agent does the same every minute.',
  ],
  options: [{ name: 'dry-run', summary: 'remove nothing, only say what would be' }],
  json: true,
  examples: [{ line: 'flatnet-cni gc --dry-run', says: 'what is left over, and how that is known' }],
  exits: 'done',
  load: async () => (await import('../gc.ts')).gc,
}
