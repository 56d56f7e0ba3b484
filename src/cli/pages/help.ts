// Generates the texts of --help from the table of commands.

import { type CommandSpec, EXITS, operandText, type OptionSpec, optionsOf } from '../command.ts'
import { wrap } from '../text/wrap.ts'

const WIDTH = 80

/** Returns the output of `flatnet-cni PATH --help`; an empty path is the program itself. */
export function commandHelp(spec: CommandSpec, path: string): string {
  const name = path === '' ? 'flatnet-cni' : `flatnet-cni ${path}`
  const parts = [
    `${name}: ${spec.summary}`,
    `Usage: ${usage(spec, name)}`,
    ...(spec.description ?? []).map((text) => wrap(text, WIDTH)),
    section(
      'Commands',
      (spec.subcommands ?? []).map((sub) => [sub.name, sub.summary]),
    ),
    section(
      'Operands',
      (spec.operands ?? []).map((operand) => [operand.name, operand.summary]),
    ),
    section('Options', [...optionsOf(spec).map(optionRow), ['-h, --help', 'show this help']]),
    examples(spec),
    spec.subcommands === undefined ? exitText(spec) : `More: ${name} COMMAND --help`,
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** Returns "flatnet-cni path [OPTIONS] [PEER]". */
export function usage(spec: CommandSpec, name: string): string {
  if (spec.subcommands !== undefined) return `${name} COMMAND [OPTIONS]`
  const operands = (spec.operands ?? []).map(operandText)
  return [name, ...(optionsOf(spec).length === 0 ? [] : ['[OPTIONS]']), ...operands].join(' ')
}

/** Returns "-o, --output FILE". */
export function optionText({ name, short, value }: OptionSpec): string {
  const long = value === undefined ? `--${name}` : `--${name} ${value}`
  return short === undefined ? long : `-${short}, ${long}`
}

/** Returns the meaning of a command's exit codes, as one sentence without "Exit code". */
export function exitMeaning({ exits, options = [] }: CommandSpec): string {
  if (exits === 'done') return '0 done, 1 failed (the reason is on standard error), 2 usage error'
  const takes = (option: string): boolean => options.some(({ name }) => name === option)
  const warnings = takes('strict') ? '1 warnings under --strict, ' : ''
  const late = takes('timeout') ? ', 4 some answers came too late' : ''
  return `0 fine, ${warnings}2 something is wrong, ${String(EXITS.judged.unable)} could not run${late}`
}

function exitText(spec: CommandSpec): string {
  return wrap(`Exit code: ${exitMeaning(spec)}`, WIDTH)
}

function optionRow(option: OptionSpec): [string, string] {
  return [optionText(option), option.summary]
}

function examples({ examples: list = [] }: CommandSpec): string {
  if (list.length === 0) return ''
  return ['Examples', ...list.map(({ line, says }) => `  ${line}\n${wrap(says, WIDTH, '      ')}`)].join('\n')
}

function section(title: string, rows: readonly (readonly [string, string])[]): string {
  if (rows.length === 0) return ''
  const width = Math.min(24, Math.max(...rows.map(([left]) => left.length))) + 2
  const lines = rows.map(([left, right]) => {
    const indent = ' '.repeat(width + 2)
    const text = wrap(right, WIDTH, indent)
    // A long name gets its own line.
    return left.length + 2 > width
      ? `  ${left}\n${text}`
      : `  ${left.padEnd(width)}${text.slice(indent.length)}`
  })
  return [title, ...lines].join('\n')
}
