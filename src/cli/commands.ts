// The table of commands, in the order of --help: what people reach for first stands first.

import type { CommandSpec } from './command.ts'
import { AGENT } from './commands/agent.ts'
import { BUNDLE } from './commands/bundle.ts'
import { CHECK } from './commands/check.ts'
import { GC } from './commands/gc.ts'
import { HELP } from './commands/help.ts'
import { COMPLETION } from './commands/completion.ts'
import { MAN } from './commands/man.ts'
import { DRILL } from './commands/drill.ts'
import { IPAM } from './commands/ipam.ts'
import { PATH } from './commands/path.ts'
import { PS } from './commands/ps.ts'
import { STATUS } from './commands/status.ts'
import { SYNC } from './commands/sync.ts'
import { VERSION } from './commands/version.ts'
import { programDescription } from './program.ts'

export const COMMANDS: readonly CommandSpec[] = [
  CHECK,
  STATUS,
  PATH,
  PS,
  IPAM,
  SYNC,
  GC,
  DRILL,
  BUNDLE,
  AGENT,
  COMPLETION,
  MAN,
  VERSION,
  HELP,
]

/** The program as a command whose subcommands are all there are. */
export const PROGRAM: CommandSpec = {
  name: 'flatnet-cni',
  summary: 'joins the containers of several hosts over Nebula, without NAT',
  description: programDescription(),
  exits: 'done',
  subcommands: COMMANDS,
}
