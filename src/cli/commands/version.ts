import type { CommandSpec } from '../command.ts'

export const VERSION: CommandSpec = {
  name: 'version',
  summary: 'the version, the commit it was built from, and what it stands on',
  json: true,
  exits: 'done',
  load: async () => (await import('../version.ts')).version,
}
