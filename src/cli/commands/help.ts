import type { CommandSpec } from '../command.ts'

export const HELP: CommandSpec = {
  name: 'help',
  summary: 'this text, or that of a command',
  operands: [
    {
      name: 'COMMAND',
      summary: 'a command, or a command of a command',
      isOptional: true,
      isList: true,
      takes: 'command',
    },
  ],
  exits: 'done',
  load: async () => (await import('../show-help.ts')).showHelp,
}
