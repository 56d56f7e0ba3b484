// Completion for zsh, as a file for fpath or a script to source.

import type { CommandSpec, Values } from '../../command.ts'
import {
  commandNames,
  listCommand,
  optionWords,
  pathText,
  type Place,
  placesOf,
  valueCases,
} from './places.ts'

/** Returns the script, which asks flatnet-cni itself for peers and addresses. */
export function zshCompletion(root: CommandSpec): string {
  const places = placesOf(root)
  const names = commandNames(root)
  return `#compdef flatnet-cni
# zsh completion for flatnet-cni; made by: flatnet-cni completion zsh
_flatnet_cni() {
  local at= i
  local -a list
  for ((i = 2; i < CURRENT; i++)); do
    case "$at/\${words[i]}" in
      ${places.slice(1).map(pathText).join(' | ')}) at="$at/\${words[i]}" ;;
    esac
  done
  case "$at \${words[CURRENT - 1]}" in
${valueCases(places, (takes) => offer(takes, names))}
  esac
  case "$at" in
${places.map((place) => placeCase(place, names)).join('\n')}
  esac
}
if [ "$funcstack[1]" = "_flatnet_cni" ]; then _flatnet_cni "$@"; else compdef _flatnet_cni flatnet-cni; fi
`
}

function placeCase(place: Place, names: readonly string[]): string {
  const options = place.options.flatMap((option) =>
    optionWords(option).map((word) => described(word, option.summary)),
  )
  const commands = place.commands.map(({ name, summary }) => described(name, summary))
  const words =
    commands.length > 0 ? `list=(${commands.join(' ')}); _describe command list` : offer(place.operand, names)
  const offered = `list=(${options.join(' ')}); _describe option list`
  return `    '${pathText(place)}')
      if [[ \${words[CURRENT]} == -* ]]; then ${offered}; else ${words}; fi ;;`
}

function offer(takes: Values | undefined, names: readonly string[]): string {
  if (takes === 'file') return '_files'
  if (takes === 'peer' || takes === 'address')
    return `compadd -- \${(f)"$(${listCommand(takes)} 2>/dev/null)"}`
  const words = takes === 'command' ? names : (takes ?? [])
  return words.length === 0 ? ':' : `compadd -- ${words.join(' ')}`
}

// A colon separates the word from its description.
function described(word: string, summary: string): string {
  return `'${word}:${summary.replaceAll(':', String.raw`\:`).replaceAll("'", String.raw`'\''`)}'`
}
