// `flatnet-cni man [COMMAND]`.

import { type Handler, misuse } from './command.ts'
import { PROGRAM } from './commands.ts'
import { manualPages } from './man.ts'

export const showMan: Handler = async ({ operands }) => {
  const [command] = operands
  const name = command === undefined ? 'flatnet-cni.8' : `flatnet-cni-${command}.8`
  const page = manualPages(PROGRAM).find(({ file }) => file === name)
  if (page === undefined)
    throw misuse(`there is no command ${JSON.stringify(command)}`, 'flatnet-cni --help lists them')
  return { data: {}, render: () => page.text }
}
