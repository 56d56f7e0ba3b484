// The table of commands, in the order of --help: the most used come first.

import type { CommandSpec } from './command.ts'
import { AGENT } from './commands/agent/spec.ts'
import { BUNDLE } from './commands/bundle/spec.ts'
import { CA } from './commands/ca/spec.ts'
import { CHECK } from './commands/check/spec.ts'
import { GC } from './commands/gc/spec.ts'
import { HTTP_GATEWAY } from './commands/http-gateway/spec.ts'
import { HELP } from './commands/help/spec.ts'
import { COMPLETION } from './commands/completion/spec.ts'
import { MAN } from './commands/man/spec.ts'
import { DRILL } from './commands/drill/spec.ts'
import { HOST } from './commands/host/spec.ts'
import { INIT } from './commands/init/spec.ts'
import { JOIN } from './commands/join/spec.ts'
import { LEAVE } from './commands/leave/spec.ts'
import { IPAM } from './commands/ipam/spec.ts'
import { NEBULA } from './commands/nebula/spec.ts'
import { PATH } from './commands/path/spec.ts'
import { PS } from './commands/ps/spec.ts'
import { STATEMENT } from './commands/statement/spec.ts'
import { STATUS } from './commands/status/spec.ts'
import { SYNC } from './commands/sync/spec.ts'
import { VERSION } from './commands/version/spec.ts'
import { programDescription } from './program.ts'

export const COMMANDS: readonly CommandSpec[] = [
  CHECK,
  STATUS,
  PATH,
  PS,
  HTTP_GATEWAY,
  IPAM,
  NEBULA,
  SYNC,
  GC,
  DRILL,
  INIT,
  HOST,
  CA,
  JOIN,
  LEAVE,
  STATEMENT,
  BUNDLE,
  AGENT,
  COMPLETION,
  MAN,
  VERSION,
  HELP,
]

/** The program as a command that has all others as subcommands. */
export const PROGRAM: CommandSpec = {
  name: 'flatnet-cni',
  summary: 'connect the containers of several hosts over Nebula, without NAT',
  description: programDescription(),
  exits: 'done',
  subcommands: COMMANDS,
}
