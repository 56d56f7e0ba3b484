// `flatnet-cni help [COMMAND]`.

import { findCommand, type Handler, misuse } from './command.ts'
import { PROGRAM } from './commands.ts'
import { commandHelp } from './help.ts'

export const showHelp: Handler = async ({ operands }) => {
  const spec = operands.length === 0 ? PROGRAM : findCommand(PROGRAM.subcommands ?? [], operands)
  if (spec === undefined)
    throw misuse(`there is no command ${JSON.stringify(operands.join(' '))}`, 'flatnet-cni --help lists them')
  return { data: {}, render: () => commandHelp(spec, operands.join(' ')) }
}
