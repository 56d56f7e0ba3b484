import type { CommandSpec } from '../../command.ts'
import { WINDOWS_WAYS } from './ways.ts'

export const JOIN: CommandSpec = {
  name: 'join',
  summary: 'set this host up by an invitation or from its bundle: keys, Nebula, network, agent',
  description: [
    'Puts the CA, certificate, key and configuration of Nebula into /etc/nebula, the settings of flatnet ' +
      'into /etc/flatnet, the network into /etc/cni/net.d, and the units into /etc/systemd/system. Modules ' +
      'that the kernel needs are loaded now and, by /etc/modules-load.d, at each start; those that are not ' +
      'installed are named. /etc/sysctl.d has the kernel forward packets. What is ' +
      'replaced is kept, and `leave` restores it. With systemd it starts Nebula and the agent, waits until ' +
      'a lighthouse answers, and runs `check`; without, it prints what to run.',
    'Run it again at any time: it changes only what differs, and goes on where an earlier run was stopped. ' +
      'A newer bundle of the same host replaces an older one, never the other way round.',
    'In WSL2 it also plans what Windows needs (forwarding, routes, port proxy, firewalls, tasks), and ' +
      'writes the script that does it to /etc/flatnet/windows-setup.ps1. With --windows run it has Windows ' +
      'run that script; Windows asks for consent once. docs/windows.md describes each step.',
    'FROM is where `host invite` waits, as it printed it, or the file that `host add` wrote. By ' +
      'invitation, the private key is made on this host by nebula-cert and never leaves it; the office ' +
      'gets the public half, over TLS with the code as pre-shared key. After a kill at any point, the same ' +
      'command with the same code goes on. --dry-run by invitation asks what this host would get; nothing ' +
      'is signed, and the code stays good.',
    'The code is asked for when it is left out or is -, which keeps it out of the history of the ' +
      'shell and the list of processes. Without a terminal it ' +
      'is read from standard input.',
  ],
  operands: [
    {
      name: 'FROM',
      summary: 'ADDRESS or ADDRESS:PORT where `host invite` waits, or the bundle that `host add` wrote',
      takes: 'file',
    },
    { name: 'CODE', summary: 'the code of the invitation or bundle; - reads it', isOptional: true },
  ],
  options: [
    { name: 'dry-run', summary: 'only print each file with its mode and what would change' },
    {
      name: 'replace',
      summary: 'replace a certificate and configuration of Nebula that join did not put here',
    },
    {
      name: 'containers-conf',
      summary: 'have podman 4 take networks of CNI, by a file in /etc/containers/containers.conf.d',
    },
    {
      name: 'windows',
      value: 'WAY',
      takes: WINDOWS_WAYS,
      summary: 'in WSL2: print how to set Windows up (default), run it with one consent, or skip it',
    },
    {
      name: 'wait',
      value: 'DURATION',
      summary: 'how long to wait until a lighthouse answers (default 60s)',
    },
  ],
  json: true,
  examples: [
    {
      line: 'flatnet-cni join 192.168.1.10 lusab-babad-gutih-tugad-hanit-mirov-zokul-divar-pofin',
      says: 'set this host up by the invitation that waits there',
    },
    { line: 'flatnet-cni join 192.168.1.10 -', says: 'the same, with the code read without showing it' },
    { line: 'flatnet-cni join host-a.flatnet', says: 'set this host up as host-a' },
    { line: 'flatnet-cni join host-a.flatnet --dry-run', says: 'what that would change' },
    { line: 'flatnet-cni join host-a.flatnet --windows run', says: 'in WSL2: set Windows up, too' },
  ],
  exits: 'done',
  load: async () => (await import('./run.ts')).join,
}
