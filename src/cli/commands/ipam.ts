import type { CommandSpec } from '../command.ts'
import { ADDRESS } from './operands.ts'

const LIST: CommandSpec = {
  name: 'list',
  summary: 'every leased address: its container, since when, and whether that lives',
  json: true,
  exits: 'judged',
  load: async () => (await import('../ipam.ts')).list,
}

const SHOW: CommandSpec = {
  name: 'show',
  summary: 'who holds an address',
  operands: [ADDRESS],
  json: true,
  examples: [
    { line: 'flatnet-cni ipam show 10.87.1.10', says: 'its container, link, namespace, names and ports' },
  ],
  exits: 'judged',
  load: async () => (await import('../ipam.ts')).show,
}

const RELEASE: CommandSpec = {
  name: 'release',
  summary: 'give an address back whose container is gone',
  description: [
    'Releases all addresses of that attachment with its link, ports and record, as a DEL does. What a living container ' +
      'holds is refused; --force takes its network away with it, because an address must not come to two containers.',
  ],
  operands: [ADDRESS],
  options: [{ name: 'force', summary: 'also when its container lives, which then has no network any more' }],
  json: true,
  exits: 'judged',
  load: async () => (await import('../ipam.ts')).release,
}

export const IPAM: CommandSpec = {
  name: 'ipam',
  summary: "the addresses of this host's containers: list, show, release",
  exits: 'judged',
  subcommands: [LIST, SHOW, RELEASE],
}
