// The table of commands as completion needs it: every place in a line, and what can stand there.

import { type CommandSpec, type OptionSpec, optionsOf, type Values } from '../command.ts'

/** A command by its path: [] is the program, ["ipam", "show"] a command of a command. */
export interface Place {
  readonly path: readonly string[]
  readonly commands: readonly CommandSpec[]
  /** With --help. */
  readonly options: readonly OptionSpec[]
  /** What its operands are; undefined where it takes none or anything. */
  readonly operand: Values | undefined
}

/** Every place, those above before those below. @param root the program */
export function placesOf(root: CommandSpec, path: readonly string[] = []): readonly Place[] {
  const { subcommands: commands = [], operands = [] } = root
  const place: Place = { path, commands, options: [...optionsOf(root), HELP], operand: operands[0]?.takes }
  return [place, ...commands.flatMap((command) => placesOf(command, [...path, command.name]))]
}

/** The commands there are, for a place that takes one. */
export function commandNames(root: CommandSpec): readonly string[] {
  return (root.subcommands ?? []).map(({ name }) => name)
}

/** "--output", and "-o" where there is one. */
export function optionWords({ name, short }: OptionSpec): readonly string[] {
  return short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`]
}

/** "/ipam/show", as the scripts tell places apart. */
export function pathText({ path }: Place): string {
  return path.map((name) => `/${name}`).join('')
}

/**
 * The branches of a POSIX `case "PLACE WORD"` behind an option that takes a value, where nothing else can stand; a line each.
 * @param offer the command that offers such values
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

/** What a shell runs to learn the words of a kind. */
export function listCommand(kind: 'peer' | 'address'): string {
  return `flatnet-cni completion --list ${kind}`
}

const HELP: OptionSpec = { name: 'help', short: 'h', summary: 'what it does and takes' }
