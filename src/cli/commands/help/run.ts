// `flatnet-cni help [COMMAND]`.

import { findCommand, type Handler, misuse } from '../../command.ts'
import { commandHelp } from '../../pages/help.ts'

export const showHelp: Handler = async ({ operands, program }) => {
  const spec = operands.length === 0 ? program : findCommand(program.subcommands ?? [], operands)
  if (spec === undefined)
    throw misuse(`there is no command ${JSON.stringify(operands.join(' '))}`, 'flatnet-cni --help lists them')
  return { data: {}, render: () => commandHelp(spec, operands.join(' ')) }
}
