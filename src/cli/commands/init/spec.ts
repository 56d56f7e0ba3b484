import type { CommandSpec } from '../../command.ts'

export const INIT: CommandSpec = {
  name: 'init',
  summary: 'make an office: its CA, its network plan, and its first lighthouse',
  description: [
    'An office is a folder with the CA, the network plan and a ledger of everything that was ever ' +
      'signed. It lives on one machine, and hosts never need it to run. Anyone who has the folder can add ' +
      'hosts: keep it private, and back it up. DIR is ~/flatnet-office by default. Needs nebula-cert 1.9 ' +
      'or newer; root is not needed.',
    'Networks that overlap those of this machine are refused. The pool must lie outside the overlay network.',
    'With --lighthouse, the lighthouse is added, too, and its bundle is written into the current folder.',
  ],
  operands: [{ name: 'DIR', summary: 'the folder to make', isOptional: true, takes: 'file' }],
  options: [
    { name: 'name', value: 'NAME', summary: 'the name of the office and its CA (default flatnet)' },
    {
      name: 'lighthouse',
      value: 'ADDRESS',
      summary: 'where hosts reach the first lighthouse: 192.168.1.5 or lh.lan:4242',
    },
    {
      name: 'lighthouse-name',
      value: 'NAME',
      summary: 'the name of that lighthouse (default lighthouse)',
    },
    { name: 'overlay', value: 'CIDR', summary: "Nebula's own network (default 10.86.0.0/16)" },
    { name: 'pool', value: 'CIDR', summary: 'all container addresses (default 10.87.0.0/16)' },
    { name: 'subnet', value: 'LENGTH', summary: "the prefix length of each host's part (default 24)" },
    { name: 'ipv6', summary: 'give hosts and containers IPv6 addresses, too; needs Nebula 1.10 everywhere' },
    {
      name: 'cert-version',
      value: 'VERSION',
      takes: ['1', '2', 'both'],
      summary:
        'version of certificates (default 1, which every Nebula reads; 2 with --ipv6; both for hosts ' +
        'before and after Nebula 1.10)',
    },
    {
      name: 'curve',
      value: 'CURVE',
      takes: ['25519', 'P256'],
      summary: 'the curve of all keys (default 25519)',
    },
    {
      name: 'encrypt-key',
      summary:
        "encrypt the CA's key with a passphrase from the terminal or standard input; needs nebula-cert 1.10",
    },
    { name: 'ca-days', value: 'DAYS', summary: 'days that the CA is valid (default 3650)' },
    { name: 'host-days', value: 'DAYS', summary: "days that a host's certificate is valid (default 730)" },
    { name: 'plain', summary: "write the lighthouse's bundle without encryption" },
  ],
  json: true,
  examples: [
    { line: 'flatnet-cni init --lighthouse 192.168.1.5', says: 'an office and the bundle of its lighthouse' },
    { line: 'flatnet-cni init /srv/office --ipv6', says: 'an office with IPv6 in another folder' },
    { line: 'flatnet-cni init --overlay 10.40.0.0/16 --pool 10.41.0.0/16', says: 'other networks' },
  ],
  exits: 'done',
  load: async () => (await import('./run.ts')).init,
}
