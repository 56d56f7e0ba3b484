// `flatnet-cni man [COMMAND]`.

import { type Handler, misuse } from '../../command.ts'
import { manualPages } from '../../pages/man.ts'

export const showMan: Handler = async ({ operands, program }) => {
  const [command] = operands
  const name = command === undefined ? 'flatnet-cni.8' : `flatnet-cni-${command}.8`
  const page = manualPages(program).find(({ file }) => file === name)
  if (page === undefined)
    throw misuse(`there is no command ${JSON.stringify(command)}`, 'flatnet-cni --help lists them')
  return { data: {}, render: () => page.text }
}
