// Completion for bash, as text that is sourced.

import type { CommandSpec, Values } from '../command.ts'
import { commandNames, listCommand, optionWords, type Place, placesOf } from './places.ts'

/** The script. It asks flatnet-cni itself for peers and addresses. */
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
${places.flatMap((place) => valueCases(place, names)).join('\n')}
  esac
  case "$path" in
${places.map((place) => placeCase(place, names)).join('\n')}
  esac
}
complete -F _flatnet_cni flatnet-cni
`
}

function pathText({ path }: Place): string {
  return path.map((name) => `/${name}`).join('')
}

// Behind an option that takes a value nothing else can stand.
function valueCases(place: Place, names: readonly string[]): string[] {
  return place.options
    .filter(({ value }) => value !== undefined)
    .map((option) => {
      const patterns = optionWords(option).map((word) => `"${pathText(place)} ${word}"`)
      return `    ${patterns.join(' | ')}) ${reply(option.takes, names)}; return ;;`
    })
}

function placeCase(place: Place, names: readonly string[]): string {
  const options = place.options.flatMap(optionWords).filter((word) => word.startsWith('--'))
  const commands = place.commands.map(({ name }) => name)
  const words =
    commands.length > 0
      ? `COMPREPLY=($(compgen -W '${commands.join(' ')}' -- "$cur"))`
      : reply(place.operand, names)
  return `    '${pathText(place)}')
      if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W '${options.join(' ')}' -- "$cur")); else ${words}; fi ;;`
}

function reply(takes: Values | undefined, names: readonly string[]): string {
  if (takes === 'file') return `COMPREPLY=($(compgen -f -- "$cur"))`
  if (takes === 'peer' || takes === 'address')
    return `COMPREPLY=($(compgen -W "$(${listCommand(takes)} 2>/dev/null)" -- "$cur"))`
  const words = takes === 'command' ? names : (takes ?? [])
  return words.length === 0 ? ':' : `COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$cur"))`
}
