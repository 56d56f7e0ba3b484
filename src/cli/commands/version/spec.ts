import type { CommandSpec } from '../../command.ts'

export const VERSION: CommandSpec = {
  name: 'version',
  summary: 'show the version, commit and Node.js version',
  json: true,
  exits: 'done',
  load: async () => (await import('./run.ts')).version,
}
