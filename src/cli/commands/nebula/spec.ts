import type { CommandSpec } from '../../command.ts'

const CONFIG: CommandSpec = {
  name: 'config',
  summary: "show the configuration that flatnet-cni would give this host's Nebula",
  description: [
    "Takes lighthouses, ports, cipher and MTU from Nebula's existing configuration, and the rest from " +
      "the host's certificate and the settings. Every key has its reason as a comment. What the existing " +
      'configuration has besides (other keys, other firewall rules, other static hosts) is kept.',
    '--write replaces the existing file. It tests the new one with nebula -test first and keeps the old ' +
      'one beside it. Nebula reads the new one when it is restarted.',
  ],
  options: [
    { name: 'diff', summary: 'show only the keys that would change, each with the reason' },
    { name: 'write', summary: 'replace the file, after a test, and keep the old one beside it' },
    {
      name: 'file',
      value: 'FILE',
      takes: 'file',
      summary: 'the existing configuration, instead of the one in the settings',
    },
    { name: 'nebula-version', value: 'VERSION', summary: 'for this Nebula, instead of the installed one' },
  ],
  json: true,
  examples: [
    {
      line: 'flatnet-cni nebula config --diff',
      says: 'what would change in /etc/nebula/config.yml, and why',
    },
  ],
  exits: 'done',
  load: async () => (await import('./run.ts')).config,
}

export const NEBULA: CommandSpec = {
  name: 'nebula',
  summary: "compare or write the configuration of this host's Nebula",
  exits: 'done',
  subcommands: [CONFIG],
}
