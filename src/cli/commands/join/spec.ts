import type { CommandSpec } from '../../command.ts'

export const JOIN: CommandSpec = {
  name: 'join',
  summary: 'set this host up from its bundle: keys, Nebula, network, agent',
  description: [
    'Puts the CA, certificate, key and configuration of Nebula into /etc/nebula, the settings of flatnet ' +
      'into /etc/flatnet, the network into /etc/cni/net.d, and the units into /etc/systemd/system. What is ' +
      'replaced is kept, and `leave` restores it. With systemd it starts Nebula and the agent, waits until ' +
      'a lighthouse answers, and runs `check`; without, it prints what to run.',
    'Run it again at any time: it changes only what differs, and goes on where an earlier run was ' +
      'stopped. A newer bundle of the same host replaces an older one, never the other way round.',
    'The code is asked for when it is left out, which keeps it out of the history of the shell. Without ' +
      'a terminal it is read from standard input.',
  ],
  operands: [
    { name: 'FILE', summary: 'the bundle that `host add` wrote', takes: 'file' },
    { name: 'CODE', summary: 'the code that opens it', isOptional: true },
  ],
  options: [
    { name: 'dry-run', summary: 'only print each file with its mode and what would change' },
    {
      name: 'replace',
      summary: 'replace a certificate and configuration of Nebula that join did not put here',
    },
    {
      name: 'wait',
      value: 'DURATION',
      summary: 'how long to wait until a lighthouse answers (default 60s)',
    },
  ],
  json: true,
  examples: [
    { line: 'flatnet-cni join host-a.flatnet', says: 'set this host up as host-a' },
    { line: 'flatnet-cni join host-a.flatnet --dry-run', says: 'what that would change' },
  ],
  exits: 'done',
  load: async () => (await import('./run.ts')).join,
}
