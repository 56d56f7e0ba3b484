import type { CommandSpec } from '../../command.ts'
import { WINDOWS_WAYS } from '../join/ways.ts'

export const LEAVE: CommandSpec = {
  name: 'leave',
  summary: 'undo join: stop Nebula and the agent, remove or restore every file',
  description: [
    'Undoes what the journal of join lists. A file that join replaced comes back, and one that was ' +
      'changed since is kept beside its place as PATH.saved-by-leave. Also removes the bridge, routes and ' +
      'rules, and what the agent has learnt. Refuses while containers are attached. It can be run again ' +
      'after it was stopped.',
    'The office keeps the addresses of the host. Its certificate stays valid until it ends.',
  ],
  options: [
    { name: 'dry-run', summary: 'only print what would be removed and restored' },
    {
      name: 'windows',
      value: 'WAY',
      takes: WINDOWS_WAYS,
      summary: 'in WSL2: print how to take Windows back (default), run it with one consent, or skip it',
    },
  ],
  json: true,
  examples: [{ line: 'flatnet-cni leave --dry-run', says: 'what would be removed and restored' }],
  exits: 'done',
  load: async () => (await import('./run.ts')).leave,
}
