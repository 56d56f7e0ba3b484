// Completion for fish, as a script to source.

import type { CommandSpec, OptionSpec, Values } from '../../command.ts'
import { commandNames, listCommand, type Place, placesOf } from './places.ts'

/** Returns the script, which asks flatnet-cni itself for peers and addresses. */
export function fishCompletion(root: CommandSpec): string {
  const names = commandNames(root)
  const lines = placesOf(root).flatMap((place) => placeLines(place, names))
  return `# fish completion for flatnet-cni; made by: flatnet-cni completion fish
complete -c flatnet-cni -f
${lines.join('\n')}
`
}

function placeLines(place: Place, names: readonly string[]): string[] {
  const start = `complete -c flatnet-cni -n ${quoted(condition(place))}`
  return [
    ...place.commands.map(({ name, summary }) => `${start} -a ${name} -d ${quoted(summary)}`),
    ...place.options.map((option) => `${start}${optionFlags(option, names)} -d ${quoted(option.summary)}`),
    ...(place.commands.length > 0 || place.operand === undefined
      ? []
      : [`${start}${values(place.operand, names)}`]),
  ]
}

// Matches this command, but none of its subcommands.
function condition({ path, commands }: Place): string {
  if (path.length === 0) return '__fish_use_subcommand'
  const inside = path.map((name) => `__fish_seen_subcommand_from ${name}`)
  const below = commands.map(({ name }) => name)
  return [
    ...inside,
    ...(below.length === 0 ? [] : [`not __fish_seen_subcommand_from ${below.join(' ')}`]),
  ].join('; and ')
}

function optionFlags({ name, short, value, takes }: OptionSpec, names: readonly string[]): string {
  const flags = ` -l ${name}${short === undefined ? '' : ` -s ${short}`}`
  if (value === undefined) return flags
  return takes === 'file' ? `${flags} -r -F` : `${flags} -x${takes === undefined ? '' : values(takes, names)}`
}

function values(takes: Values, names: readonly string[]): string {
  if (takes === 'file') return ' -F'
  if (takes === 'peer' || takes === 'address') return ` -a ${quoted(`(${listCommand(takes)} 2>/dev/null)`)}`
  return ` -a ${quoted((takes === 'command' ? names : takes).join(' '))}`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`
}
