import type { CommandSpec } from '../../command.ts'

export const PS: CommandSpec = {
  name: 'ps',
  summary: 'list containers with their names, addresses and published ports',
  description: [
    'Names come from podman and nerdctl where they are installed, ' +
      'and from what the runtime said when the container ' +
      'started: the name of the container or pod, and aliases. ' +
      '--all adds what the other hosts have told the agent of this host. ' +
      'Labels that begin with flatnet. and the ports that an image declares are in --json.',
    'A port marked ! does not work as published: the host does not have its address, or a program of the ' +
      'host also listens on it. A line below the table says which.',
  ],
  options: [{ name: 'all', short: 'a', summary: 'list the containers of all hosts' }],
  json: true,
  examples: [{ line: 'flatnet-cni ps --all', says: 'what runs where' }],
  exits: 'judged',
  load: async () => (await import('./run.ts')).ps,
}
