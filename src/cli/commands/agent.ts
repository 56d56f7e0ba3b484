import type { CommandSpec } from '../command.ts'

/** src/main.ts starts it; it stands here for --help, completion and the manual. */
export const AGENT: CommandSpec = {
  name: 'agent',
  summary: 'watch the paths to the other hosts and switch between them (a service)',
  description: [
    'Probes each peer through Nebula and by way of the gateway, adds the direct route while it is good and takes it ' +
      'away before connections are lost. One runs per host, as root; systemd or the WSL boot command starts it. SIGHUP ' +
      'reloads settings and certificates.',
  ],
  options: [
    {
      name: 'print-config',
      summary: 'print the settings of the agent with all defaults, bridge and folders too, and end',
    },
    { name: 'withdraw', summary: 'take the direct routes of an agent that is gone away, and end' },
  ],
  examples: [
    { line: 'flatnet-cni agent --print-config', says: 'every setting there is, with its value here' },
  ],
  exits: 'done',
}
