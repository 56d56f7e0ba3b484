import type { CommandSpec } from '../../command.ts'

export const MAN: CommandSpec = {
  name: 'man',
  summary: 'print a manual page',
  operands: [
    { name: 'COMMAND', summary: 'a command (default: the program)', isOptional: true, takes: 'command' },
  ],
  examples: [{ line: 'flatnet-cni man path | man -l -', says: 'read it' }],
  exits: 'done',
  load: async () => (await import('./run.ts')).showMan,
}
