import type { CommandSpec } from '../command.ts'

export const PS: CommandSpec = {
  name: 'ps',
  summary: 'containers with their names, addresses and published ports',
  description: [
    'Names come from podman and nerdctl where they are installed, and from what the runtime said at the start: the name of the ' +
      'container or pod, and aliases. --all asks the ' +
      'agents of the other hosts through the one of this host.',
  ],
  options: [{ name: 'all', short: 'a', summary: 'of all hosts, not of this one only' }],
  json: true,
  examples: [{ line: 'flatnet-cni ps --all', says: 'what runs where' }],
  exits: 'judged',
  load: async () => (await import('../ps.ts')).ps,
}
