import type { CommandSpec } from '../../command.ts'

/** src/main.ts starts the agent; this entry serves --help, completion and the manual. */
export const AGENT: CommandSpec = {
  name: 'agent',
  summary: 'monitor the paths to other hosts and switch between them (a service)',
  description: [
    'Probes each peer on the direct path and the gateway path, adds the direct route while the direct path ' +
      'works, and removes it before connections break. One agent runs per host, as root; systemd or the ' +
      'boot command of WSL starts it. SIGHUP reloads settings and certificates.',
  ],
  options: [
    {
      name: 'print-config',
      summary: "print the agent's settings, bridge and folders, defaults included, then exit",
    },
    { name: 'withdraw', summary: 'remove the direct routes left by a stopped agent, then exit' },
  ],
  examples: [{ line: 'flatnet-cni agent --print-config', says: 'every setting with its value on this host' }],
  exits: 'done',
}
