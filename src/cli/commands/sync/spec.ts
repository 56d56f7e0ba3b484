import type { CommandSpec } from '../../command.ts'

export const SYNC: CommandSpec = {
  name: 'sync',
  summary: "restore this host's bridge, routes and rules, as each ADD does",
  description: [
    "Use it after Nebula was restarted, a peer's certificate was added, or the rules were flushed, " +
      'when no container is about to start. While an agent runs, it manages the routes, and sync leaves ' +
      'them alone.',
  ],
  json: true,
  exits: 'done',
  load: async () => (await import('./run.ts')).sync,
}
