import { GROUPS } from '../../check/item.ts'
import type { CommandSpec } from '../command.ts'

export const CHECK: CommandSpec = {
  name: 'check',
  summary: 'look for everything that can keep containers apart, and say what to type next',
  description: [
    'Repairs nothing unless --fix is given; it only writes down what it saw, to compare with next time. What is wrong stands first; what only follows from it is named below it. ' +
      'Every check has an id that never changes; --explain tells more about one, offline. What could not be looked at, ' +
      'and follows from nothing that failed, is a warning.',
  ],
  options: [
    { name: 'group', value: 'GROUP', isList: true, takes: GROUPS, summary: 'only this group of checks' },
    { name: 'only', value: 'ID', isList: true, summary: 'only this check' },
    { name: 'skip', value: 'ID', isList: true, summary: 'not this check' },
    { name: 'pre', summary: 'only what has to be right before anything is installed' },
    {
      name: 'peer',
      value: 'PEER',
      isList: true,
      summary: 'have the agent of this host tell its side, and compare',
    },
    {
      name: 'wait',
      value: 'DURATION',
      summary:
        'look again until nothing has failed or the time is over; with --strict, until nothing is wrong',
    },
    { name: 'watch', summary: 'go on looking, and print when something changes' },
    { name: 'fix', summary: 'do the repairs that are safe, and say how each is undone' },
    { name: 'dry-run', summary: 'with --fix: only say what would be done' },
    { name: 'strict', summary: 'warnings count: exit code 1' },
    { name: 'explain', value: 'ID', summary: 'say what a check is about, without looking' },
    { name: 'junit', value: 'FILE', takes: 'file', summary: 'write the report as JUnit XML as well' },
    { name: 'verbose', short: 'v', summary: 'every check, not only those that are wrong' },
  ],
  json: true,
  examples: [
    { line: 'flatnet-cni check', says: 'containers cannot reach each other: what is wrong?' },
    { line: 'flatnet-cni check --explain CERT-004', says: 'what a check means and what to do' },
    { line: 'flatnet-cni check --peer host-b', says: 'what both ends see of the path between them' },
    { line: 'flatnet-cni check --wait 2m --strict', says: 'in a script, after a start' },
    { line: 'flatnet-cni check --fix --dry-run', says: 'which repairs there are, and how each is undone' },
  ],
  exits: 'judged',
  load: async () => (await import('../check.ts')).check,
}
