import type { CommandSpec } from '../command.ts'

export const BUNDLE: CommandSpec = {
  name: 'bundle',
  summary: 'write an archive for somebody who helps from afar',
  description: [
    'Status, check, paths with their history, addresses, what gc would remove, links, routes, rules, settings, network ' +
      "configurations, certificates, Nebula's configuration, the end of the agent's log and versions. Private keys are " +
      'never in it. The same state makes the same bytes.',
    '--anonymise replaces names, addresses, MACs and IDs by others, the same for the same everywhere: who is in whose ' +
      'network can still be seen. Certificates are then given as their facts.',
  ],
  options: [
    {
      name: 'output',
      short: 'o',
      value: 'FILE',
      takes: 'file',
      summary: 'where to; flatnet-bundle.tar.gz when left out',
    },
    { name: 'anonymise', summary: 'with other names and addresses' },
  ],
  json: true,
  examples: [
    {
      line: 'flatnet-cni bundle --anonymise -o /tmp/help.tar.gz',
      says: 'something that can be sent to strangers',
    },
  ],
  exits: 'judged',
  load: async () => (await import('../bundle.ts')).bundle,
}
