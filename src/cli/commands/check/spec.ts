import { GROUPS } from '../../../check/item.ts'
import type { CommandSpec } from '../../command.ts'

export const CHECK: CommandSpec = {
  name: 'check',
  summary: 'find what keeps containers apart, and say what to run next',
  description: [
    'Repairs nothing unless --fix is given; it only remembers what it saw, to compare with next time. ' +
      'Faults come first, each with the findings that only follow from it. Every check has an id that ' +
      'never changes; --explain tells more about one, offline. A check that could not run is a warning, ' +
      'unless it follows from a fault.',
    'Load does not change a verdict: time passes only while this program gets to run. What has not ' +
      'answered in time is named once, as late, and the exit code is then 4 unless something has failed. ' +
      'So is an agent that is alive but busy, or still starting, also with --peer. Where no agent runs, ' +
      '--peer cannot be answered: exit code 3.',
  ],
  options: [
    { name: 'group', value: 'GROUP', isList: true, takes: GROUPS, summary: 'run only this group of checks' },
    { name: 'only', value: 'ID', isList: true, summary: 'run only this check' },
    { name: 'skip', value: 'ID', isList: true, summary: 'skip this check' },
    { name: 'pre', summary: 'run only the checks that make sense before an installation' },
    {
      name: 'peer',
      value: 'PEER',
      isList: true,
      summary: 'ask the agent of this peer for its view of the path, and compare',
    },
    {
      name: 'wait',
      value: 'DURATION',
      summary:
        'repeat until nothing fails or the time is over; with --strict, until there is no warning either',
    },
    {
      name: 'timeout',
      value: 'DURATION',
      summary: 'time limit of one run on a machine that is not busy (default 10s)',
    },
    { name: 'watch', summary: 'keep running, and print when something changes' },
    { name: 'fix', summary: 'make the repairs that are safe, and say how to undo each' },
    { name: 'dry-run', summary: 'with --fix: only print what would be done' },
    { name: 'strict', summary: 'exit with 1 if there are warnings' },
    { name: 'explain', value: 'ID', summary: 'explain a check without running it' },
    { name: 'junit', value: 'FILE', takes: 'file', summary: 'also write the report as JUnit XML' },
    { name: 'verbose', short: 'v', summary: 'print every check, not only faults' },
  ],
  json: true,
  examples: [
    { line: 'flatnet-cni check', says: 'why containers cannot reach each other' },
    { line: 'flatnet-cni check --explain CERT-004', says: 'what a check means and what to do' },
    { line: 'flatnet-cni check --peer host-b', says: 'the views of both ends of a path' },
    { line: 'flatnet-cni check --wait 2m --strict', says: 'wait in a script until all is well' },
    { line: 'flatnet-cni check --fix --dry-run', says: 'the available repairs, and how to undo each' },
  ],
  exits: 'judged',
  load: async () => (await import('./run.ts')).check,
}
