import type { CommandSpec } from '../command.ts'

export const SYNC: CommandSpec = {
  name: 'sync',
  summary: "put this host's bridge, routes and rules right, as each ADD does",
  description: [
    "For when Nebula was restarted, a peer's certificate was added, or the rules were flushed, and no container is about " +
      'to start. While an agent lives the routes are left to it: it puts them right by itself.',
  ],
  json: true,
  exits: 'done',
  load: async () => (await import('../sync.ts')).sync,
}
