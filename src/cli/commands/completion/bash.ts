// Completion for bash, as a script to source.

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
export function bashCompletion(root: CommandSpec): string {
  const places = placesOf(root)
  const names = commandNames(root)
  return `# bash completion for flatnet-cni; made by: flatnet-cni completion bash
_flatnet_cni() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} path= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path/\${COMP_WORDS[i]}" in
      ${places.slice(1).map(pathText).join(' | ')}) path="$path/\${COMP_WORDS[i]}" ;;
    esac
  done
  COMPREPLY=()
  case "$path $prev" in
${valueCases(places, (takes) => reply(takes, names))}
  esac
  case "$path" in
${places.map((place) => placeCase(place, names)).join('\n')}
  esac
}
complete -F _flatnet_cni flatnet-cni
`
}

function placeCase(place: Place, names: readonly string[]): string {
  const options = place.options.flatMap(optionWords).filter((word) => word.startsWith('--'))
  const commands = place.commands.map(({ name }) => name)
  const words = commands.length > 0 ? wordList(commands) : reply(place.operand, names)
  return `    '${pathText(place)}')
      if [[ $cur == -* ]]; then ${wordList(options)}; else ${words}; fi ;;`
}

function wordList(words: readonly string[]): string {
  return `COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$cur"))`
}

function reply(takes: Values | undefined, names: readonly string[]): string {
  if (takes === 'file') return `COMPREPLY=($(compgen -f -- "$cur"))`
  if (takes === 'peer' || takes === 'address')
    return `COMPREPLY=($(compgen -W "$(${listCommand(takes)} 2>/dev/null)" -- "$cur"))`
  const words = takes === 'command' ? names : (takes ?? [])
  return words.length === 0 ? ':' : `COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$cur"))`
}
