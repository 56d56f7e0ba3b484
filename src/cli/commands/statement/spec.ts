import type { CommandSpec } from '../../command.ts'

const IMPORT: CommandSpec = {
  name: 'import',
  summary: 'take a statement of the office, and pass it on to all hosts',
  description: [
    'Takes the file that `flatnet-cni host revoke` wrote on the office machine, where that machine is ' +
      'not a host itself. One host is enough, because the agents pass it on. It is taken only if a CA of ' +
      'this host has signed it, and if it is not older than what this host has.',
  ],
  operands: [{ name: 'FILE', summary: 'the statement, such as revocation.statement' }],
  json: true,
  examples: [
    {
      line: 'flatnet-cni statement import revocation.statement',
      says: 'revoked hosts are cut off everywhere',
    },
  ],
  exits: 'done',
  load: async () => (await import('./run.ts')).take,
}

const LIST: CommandSpec = {
  name: 'list',
  summary: 'show which statements this host has, and what they say',
  description: ['Reads the files of this host alone; no other host is asked.'],
  json: true,
  exits: 'done',
  load: async () => (await import('./run.ts')).list,
}

export const STATEMENT: CommandSpec = {
  name: 'statement',
  summary: "take the office's decisions by hand, and show those that this host has",
  exits: 'done',
  subcommands: [IMPORT, LIST],
}
