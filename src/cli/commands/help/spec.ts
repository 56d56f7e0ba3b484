import type { CommandSpec } from '../../command.ts'

export const HELP: CommandSpec = {
  name: 'help',
  summary: 'show help, for the program or for one command',
  operands: [
    {
      name: 'COMMAND',
      summary: 'a command, or a command and its subcommand',
      isOptional: true,
      isList: true,
      takes: 'command',
    },
  ],
  exits: 'done',
  load: async () => (await import('./run.ts')).showHelp,
}
