import type { CommandSpec } from '../../command.ts'

export const GC: CommandSpec = {
  name: 'gc',
  summary: 'remove leftovers of containers that no longer exist, and say why each is removed',
  description: [
    'Removes leases, links, records and rules of containers that are proven dead: from before this boot, ' +
      'without a link, or without a process in their namespace. The agent does the same every minute.',
  ],
  options: [{ name: 'dry-run', summary: 'only print what would be removed' }],
  json: true,
  examples: [{ line: 'flatnet-cni gc --dry-run', says: 'what is left over, and why' }],
  exits: 'done',
  load: async () => (await import('./run.ts')).gc,
}
