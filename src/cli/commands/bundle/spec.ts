import type { CommandSpec } from '../../command.ts'

export const BUNDLE: CommandSpec = {
  name: 'bundle',
  summary: 'write a support archive',
  description: [
    'Contains status, check, paths with their history, addresses, what gc would remove, links, ' +
      "routes, rules, settings, network configurations, certificates, Nebula's configuration, the end of " +
      "the agent's log, and versions. Private keys are left out. The same state gives the same bytes.",
    '--anonymise replaces names, addresses, MACs and IDs. The same value gets the same replacement ' +
      'everywhere, so relations stay visible. Certificates are replaced by what they say.',
  ],
  options: [
    {
      name: 'output',
      short: 'o',
      value: 'FILE',
      takes: 'file',
      summary: 'the archive to write (default flatnet-bundle.tar.gz)',
    },
    { name: 'anonymise', summary: 'replace names and addresses' },
  ],
  json: true,
  examples: [
    {
      line: 'flatnet-cni bundle --anonymise -o /tmp/help.tar.gz',
      says: 'an archive to send to support',
    },
  ],
  exits: 'judged',
  load: async () => (await import('./run.ts')).bundle,
}
