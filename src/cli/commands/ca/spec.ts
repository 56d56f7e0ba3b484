import type { CommandSpec } from '../../command.ts'
import { OFFICE_OPTION } from '../office-option.ts'

const ROTATE: CommandSpec = {
  name: 'rotate',
  summary: 'replace the CA of the office, one step at a time',
  description: [
    'Three steps, one for each call: every host trusts a new CA besides the earlier one; the new CA signs ' +
      'the keys that the hosts have, and each host takes its certificate; every host trusts the earlier CA ' +
      'no longer. Each step is a statement that the agents pass on, as with `host revoke`. Keys stay on ' +
      'the hosts, and connections go on.',
    'Before the second and the third step, every host whose certificate was not revoked must have the ' +
      'step before. On a machine that is a host itself, the agent asks them all, as root; elsewhere, ' +
      '`flatnet-cni ca status` on any host shows them. --force goes on without those that are missing: ' +
      'they are cut off until the statements are carried to them.',
    'Run the command again if it was stopped: it completes the step. The files of every CA stay in the ' +
      'office folder.',
  ],
  options: [
    { name: 'force', summary: 'go on although hosts lack the step before' },
    { name: 'again', summary: 'begin another change after one that is complete' },
    {
      name: 'ca-days',
      value: 'DAYS',
      summary: 'days that the new CA is valid (default: as the earlier one)',
    },
    OFFICE_OPTION,
  ],
  json: true,
  examples: [
    { line: 'flatnet-cni ca rotate', says: 'the next step: in all three times, once hosts have it' },
  ],
  exits: 'done',
  load: async () => (await import('./run.ts')).rotate,
}

const STATUS: CommandSpec = {
  name: 'status',
  summary: 'list the CAs of the office, and which hosts trust and use which',
  description: [
    'With the office folder, lists its CAs. On a host, as root, the agent asks every host that it knows. ' +
      'Run it on both where the office machine is not a host.',
  ],
  options: [OFFICE_OPTION],
  json: true,
  exits: 'done',
  load: async () => (await import('./status.ts')).status,
}

export const CA: CommandSpec = {
  name: 'ca',
  summary: 'replace the CA of an office, and see how far that is',
  exits: 'done',
  subcommands: [ROTATE, STATUS],
}
