// `flatnet-cni completion SHELL`.

import { type CommandSpec, type Handler, misuse } from '../../command.ts'
import { bashCompletion } from './bash.ts'
import { fishCompletion } from './fish.ts'
import { knownWords } from './known-words.ts'
import { powershellCompletion } from './powershell.ts'
import { zshCompletion } from './zsh.ts'

const SHELLS: Readonly<Record<string, (root: CommandSpec) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
  powershell: powershellCompletion,
}

export const completion: Handler = async (call) => {
  const [shell] = call.operands
  const kind = call.value('list')
  if (kind !== undefined) {
    // Offer only words that need no quoting in any shell.
    const words = (await knownWords(kind)).filter((word) => /^[\p{L}\p{N}._:-]+$/u.test(word))
    return textAnswer(words.map((word) => `${word}\n`).join(''))
  }
  const script = shell === undefined ? undefined : SHELLS[shell]
  if (script === undefined) throw misuse('which shell?', `one of ${Object.keys(SHELLS).join(', ')}`)
  return textAnswer(script(call.program))
}

function textAnswer(text: string) {
  return { data: {}, render: () => text }
}
