import type { CommandSpec } from '../../../command.ts'
import { OFFICE_OPTION } from '../../office-option.ts'
import { CONTAINERS_OPTION, GATEWAY_OPTION, GROUP_OPTION, NAME_OPERAND } from '../host-options.ts'

export const INVITE: CommandSpec = {
  name: 'invite',
  summary: 'wait for a host on the LAN, and give it its certificate by a code',
  description: [
    'Prints one line to type on the host, and waits there until the host has joined: 15 minutes at most, ' +
      'or until Ctrl-C. The host makes its own key, which never leaves it; this side signs the public ' +
      'half, and enters it in the ledger. The host connects outwards, so only this machine needs an open ' +
      'port, TCP 4290 or the one that is printed.',
    'The code has 128 random bits and serves one host. It is used up when the host has confirmed that key ' +
      'and certificate are on its disk. Until then the same host may run the same line again, also after a ' +
      'kill of either side: this command, run again with the same words, goes on with the same code. Wrong ' +
      'codes are counted, and each makes the machine that sent it wait longer.',
    'A host that has no nebula or no nebula-cert gets both from this machine and puts them into ' +
      '/usr/local/bin. For a host with another processor, name a folder with --nebula.',
    'With --json, one line says what to type, and the last one what came of it.',
  ],
  operands: [NAME_OPERAND],
  options: [
    { name: 'lighthouse', summary: 'a host that tells others where hosts are' },
    {
      name: 'address',
      value: 'ADDRESS',
      isList: true,
      summary: 'where other hosts reach the lighthouse (default the address that it calls from)',
    },
    CONTAINERS_OPTION,
    GATEWAY_OPTION,
    GROUP_OPTION,
    { name: 'again', summary: 'a new key for the addresses of a known host' },
    {
      name: 'listen',
      value: 'ADDRESS:PORT',
      summary: 'where to wait (default all addresses, TCP 4290 or the next free port)',
    },
    {
      name: 'nebula',
      value: 'DIR',
      takes: 'file',
      summary: "a folder with nebula and nebula-cert for a host that lacks them (default this machine's)",
    },
    OFFICE_OPTION,
  ],
  json: true,
  examples: [
    { line: 'flatnet-cni host invite host-a', says: 'prints what to type on host-a, and waits' },
    { line: 'flatnet-cni host invite lh --lighthouse', says: 'a lighthouse, at the address it calls from' },
    { line: 'flatnet-cni host invite host-a --again', says: 'host-a was set up anew' },
  ],
  exits: 'done',
  load: async () => (await import('./run.ts')).invite,
}
