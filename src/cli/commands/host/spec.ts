import type { CommandSpec } from '../../command.ts'
import { OFFICE_OPTION } from '../office-option.ts'
import {
  CONTAINERS_OPTION,
  GATEWAY_CHANGES,
  GATEWAY_OPTION,
  GROUP_OPTION,
  NAME_OPERAND,
} from './host-options.ts'
import { INVITE } from './invite/spec.ts'

const ADD: CommandSpec = {
  name: 'add',
  summary: 'give a host its addresses and certificate, and write its bundle',
  description: [
    'Takes the next free overlay address and host subnet, signs a certificate, enters both in the ' +
      'ledger, and writes one file for `flatnet-cni join` on the host. The file holds the private key of ' +
      'the host, so it is encrypted with a code that is shown once. Send file and code by different ways.',
    'No address is ever given to a second host. A name is used once; --again signs a new key for the ' +
      'addresses that it has: for a lost bundle, a host that is set up again, or a certificate that ' +
      'expires soon. A lighthouse that is to move gets its new --address with it.',
  ],
  operands: [NAME_OPERAND],
  options: [
    { name: 'lighthouse', summary: 'a host that tells others where hosts are; needs --address' },
    {
      name: 'address',
      value: 'ADDRESS',
      isList: true,
      summary: 'where other hosts reach the lighthouse: 192.168.1.5 or lh.lan:4242; may be repeated',
    },
    CONTAINERS_OPTION,
    GATEWAY_OPTION,
    GROUP_OPTION,
    { name: 'again', summary: 'sign a new key for the addresses of a known host' },
    { name: 'out', value: 'FILE', takes: 'file', summary: 'the bundle (default NAME.flatnet)' },
    { name: 'plain', summary: 'do not encrypt the bundle' },
    OFFICE_OPTION,
  ],
  json: true,
  examples: [
    { line: 'flatnet-cni host add host-a', says: 'a bundle for host-a, and the code that opens it' },
    {
      line: 'flatnet-cni host add lh --lighthouse --address 192.168.1.5',
      says: 'a bundle for a lighthouse on that address',
    },
    { line: 'flatnet-cni host add host-a --again', says: 'another bundle with a new key' },
    { line: 'flatnet-cni host add lh --again --address 192.168.1.6', says: 'the lighthouse moves there' },
  ],
  exits: 'done',
  load: async () => (await import('./run.ts')).add,
}

const LIST: CommandSpec = {
  name: 'list',
  summary: 'list the hosts of the office with their subnets and days left',
  description: ['Reads the ledger alone; no host is asked.'],
  options: [OFFICE_OPTION],
  json: true,
  exits: 'done',
  load: async () => (await import('./run.ts')).list,
}

const REVOKE: CommandSpec = {
  name: 'revoke',
  summary: 'cut a host off on every other host',
  description: [
    'Enters every valid certificate of the host in the ledger as revoked, and signs a statement that says ' +
      "so with the CA's key. On a machine that is a host itself, its agent passes the statement on to " +
      'every host; elsewhere the command says which file to carry to any host. Hosts that are off learn of ' +
      "it when they are back. Each host puts the fingerprints into Nebula's pki.blocklist and reloads " +
      'Nebula.',
    'The addresses stay with the name. `host add NAME --again` signs a new key for them, for a machine ' +
      'that gets a new system. Run the command again if it was stopped.',
  ],
  operands: [{ name: 'NAME', summary: 'the host' }],
  options: [OFFICE_OPTION],
  json: true,
  examples: [{ line: 'flatnet-cni host revoke host-b', says: 'a laptop was lost' }],
  exits: 'done',
  load: async () => (await import('./decide.ts')).revoke,
}

const RENEW: CommandSpec = {
  name: 'renew',
  summary: 'sign the keys of hosts for another period',
  description: [
    'Signs the public keys that the hosts have, with the same names and addresses, and a statement with ' +
      'all renewed certificates. It goes to the hosts as that of `host revoke` does. Each host takes ' +
      'its own certificate from it and reloads Nebula; connections go on. A host that is off takes it when ' +
      'it is back. A certificate that differs in more than its time waits for `host accept` on that host.',
  ],
  operands: [{ name: 'NAME', summary: 'the host', isOptional: true }],
  options: [
    { name: 'all', summary: 'every host whose certificate was not revoked' },
    {
      name: 'group',
      value: 'GROUP',
      isList: true,
      summary: 'put the host into these groups from now on, and into no others',
    },
    { name: 'without-groups', summary: 'take the host out of all groups but `containers`' },
    ...GATEWAY_CHANGES,
    OFFICE_OPTION,
  ],
  json: true,
  examples: [
    { line: 'flatnet-cni host renew --all', says: 'once a year' },
    { line: 'flatnet-cni host renew host-a --group ci', says: 'other groups; host-a has to accept them' },
    { line: 'flatnet-cni host renew host-a --gateway', says: 'a gateway; host-a has to accept that' },
  ],
  exits: 'done',
  load: async () => (await import('./decide.ts')).renew,
}

const ACCEPT: CommandSpec = {
  name: 'accept',
  summary: 'use a renewed certificate of this host that differs from its present one',
  description: [
    'Shows what the certificate changes and puts it in place. Certificates that change nothing but the ' +
      'time need no consent: the agent takes them.',
    "Where the host becomes a gateway, Nebula's rules let in what it is to forward, and the settings say " +
      'that nothing leaves it unencrypted ("gateway": {"via": "none"}).',
  ],
  json: true,
  exits: 'done',
  load: async () => (await import('./accept.ts')).accept,
}

export const HOST: CommandSpec = {
  name: 'host',
  summary: 'invite or add hosts to an office, list, renew and revoke them',
  exits: 'done',
  subcommands: [INVITE, ADD, LIST, RENEW, REVOKE, ACCEPT],
}
