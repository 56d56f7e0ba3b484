import type { CommandSpec } from '../command.ts'

export const MAN: CommandSpec = {
  name: 'man',
  summary: 'a manual page as man reads it',
  operands: [
    { name: 'COMMAND', summary: 'a command; the program when left out', isOptional: true, takes: 'command' },
  ],
  examples: [{ line: 'flatnet-cni man path | man -l -', says: 'read it' }],
  exits: 'done',
  load: async () => (await import('../show-man.ts')).showMan,
}
