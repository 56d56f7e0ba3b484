// The table of commands as completion needs it: every place in a line, and the words that fit there.

import { type CommandSpec, type OptionSpec, optionsOf, type Values } from '../../command.ts'

/** A command by its path: [] is the program, ["ipam", "show"] a subcommand. */
export interface Place {
  readonly path: readonly string[]
  readonly commands: readonly CommandSpec[]
  /** Including --help. */
  readonly options: readonly OptionSpec[]
  /** The kind of its operands; undefined where it takes none, or any. */
  readonly operand: Values | undefined
}

/**
 * Returns every place, parents before children.
 * @param root the program
 */
export function placesOf(root: CommandSpec, path: readonly string[] = []): readonly Place[] {
  const { subcommands: commands = [], operands = [] } = root
  const place: Place = { path, commands, options: [...optionsOf(root), HELP], operand: operands[0]?.takes }
  return [place, ...commands.flatMap((command) => placesOf(command, [...path, command.name]))]
}

/** Returns the command names, for a place that takes one. */
export function commandNames(root: CommandSpec): readonly string[] {
  return (root.subcommands ?? []).map(({ name }) => name)
}

/** Returns "--output", and "-o" if there is a short form. */
export function optionWords({ name, short }: OptionSpec): readonly string[] {
  return short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`]
}

/** Returns "/ipam/show", the scripts' name for a place. */
export function pathText({ path }: Place): string {
  return path.map((name) => `/${name}`).join('')
}

/**
 * Returns the branches of a POSIX `case "PLACE WORD"` for the word after an option that takes a value, one
 * per line.
 * @param offer returns the command that offers such values
 */
export function valueCases(places: readonly Place[], offer: (takes: Values | undefined) => string): string {
  const branch = (place: Place, option: OptionSpec): string => {
    const patterns = optionWords(option).map((word) => `"${pathText(place)} ${word}"`)
    return `    ${patterns.join(' | ')}) ${offer(option.takes)}; return ;;`
  }
  return places
    .flatMap((place) =>
      place.options.filter(({ value }) => value !== undefined).map((option) => branch(place, option)),
    )
    .join('\n')
}

/** Returns the command that a shell runs to list the words of a kind. */
export function listCommand(kind: 'peer' | 'address'): string {
  return `flatnet-cni completion --list ${kind}`
}

const HELP: OptionSpec = { name: 'help', short: 'h', summary: 'show help' }
