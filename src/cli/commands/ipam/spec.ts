import type { CommandSpec } from '../../command.ts'
import { ADDRESS } from '../operands.ts'

const LIST: CommandSpec = {
  name: 'list',
  summary: 'list the leased addresses with their containers, ages and states',
  json: true,
  exits: 'judged',
  load: async () => (await import('./run.ts')).list,
}

const SHOW: CommandSpec = {
  name: 'show',
  summary: 'show which container holds an address',
  operands: [ADDRESS],
  json: true,
  examples: [
    { line: 'flatnet-cni ipam show 10.87.1.10', says: 'its container, link, namespace, names and ports' },
  ],
  exits: 'judged',
  load: async () => (await import('./run.ts')).show,
}

const RELEASE: CommandSpec = {
  name: 'release',
  summary: 'release an address whose container no longer exists',
  description: [
    'Releases all addresses of that attachment with its link, ports and record, as DEL does. Refuses an ' +
      'address that a running container holds; --force also removes the network of that container, because ' +
      'no two containers may have the same address.',
  ],
  operands: [ADDRESS],
  options: [{ name: 'force', summary: 'even if its container runs, which then loses its network' }],
  json: true,
  exits: 'judged',
  load: async () => (await import('./run.ts')).release,
}

export const IPAM: CommandSpec = {
  name: 'ipam',
  summary: "list, show or release the addresses of this host's containers",
  exits: 'judged',
  subcommands: [LIST, SHOW, RELEASE],
}
