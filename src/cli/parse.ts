// Parses a command line into a command and its arguments, with commander. The table of commands
// defines the syntax.

import { Argument, Command, CommanderError, Option } from 'commander'
import { type Call, type CommandSpec, EXITS, optionsOf } from './command.ts'
import { commandHelp } from './pages/help.ts'

/** A command to run, a requested help text, or why the line could not be parsed. */
type Parsed =
  | { readonly kind: 'call'; readonly spec: CommandSpec; readonly call: Call }
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'misunderstood'
      readonly problem: string
      readonly hint: string
      readonly exitCode: number
    }

/**
 * Parses a command line without the program's name.
 * @param root a command that has all others as subcommands
 */
export function parseLine(root: CommandSpec, argv: readonly string[]): Parsed {
  const found: { parsed?: Parsed; failed?: { spec: CommandSpec; path: string } } = {}
  let asked = ''
  const program = build(root, '', {
    called: (spec, call) => (found.parsed = { kind: 'call', spec, call: { ...call, program: root } }),
    printed: (text) => (asked += text),
    failed: (spec, path) => (found.failed = { spec, path }),
  })
  try {
    program.parse([...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return { kind: 'text', text: asked }
    const { spec, path } = found.failed ?? { spec: root, path: '' }
    const problem = error.code === 'commander.help' ? `${path} needs a subcommand` : plainly(error.message)
    const hint = `Try: flatnet-cni ${path === '' ? '' : `${path} `}--help`
    return { kind: 'misunderstood', problem, hint, exitCode: EXITS[spec.exits].misunderstood }
  }
  return found.parsed ?? { kind: 'text', text: asked }
}

interface Report {
  readonly called: (spec: CommandSpec, call: Omit<Call, 'program'>) => void
  readonly printed: (text: string) => void
  readonly failed: (spec: CommandSpec, path: string) => void
}

function build(spec: CommandSpec, path: string, report: Report): Command {
  const command = new Command(spec.name)
    .helpCommand(false)
    .helpOption('-h, --help')
    .allowExcessArguments(false)
    .configureHelp({ formatHelp: () => commandHelp(spec, path) })
    .configureOutput({ writeOut: report.printed, writeErr: () => undefined })
    .exitOverride((error) => {
      report.failed(spec, path)
      throw error
    })
  for (const option of optionsOf(spec)) {
    const { name, short, value, summary, isList = false, takes } = option
    const long = value === undefined ? `--${name}` : `--${name} <${value}>`
    const made = new Option(short === undefined ? long : `-${short}, ${long}`, summary)
    if (isList) made.argParser((text, before: readonly string[] | undefined) => [...(before ?? []), text])
    else if (typeof takes === 'object') made.choices(takes)
    command.addOption(made)
  }
  for (const { name, summary, isOptional = false, isList = false, takes } of spec.operands ?? []) {
    const text = isList ? `${name}...` : name
    const made = new Argument(isOptional ? `[${text}]` : `<${text}>`, summary)
    if (typeof takes === 'object') made.choices(takes)
    command.addArgument(made)
  }
  for (const sub of spec.subcommands ?? [])
    command.addCommand(build(sub, path === '' ? sub.name : `${path} ${sub.name}`, report))
  if (spec.subcommands === undefined) command.action(() => report.called(spec, callOf(command)))
  return command
}

function callOf(command: Command): Omit<Call, 'program'> {
  const given = new Map(
    command.options.map((option) => {
      const found: unknown = command.opts()[option.attributeName()]
      // commander takes --no-x for the opposite of --x; the last one on the line counts.
      return [option.name(), option.negate ? found === false : found]
    }),
  )
  const value = (name: string): string | undefined => {
    const text = given.get(name)
    return typeof text === 'string' ? text : undefined
  }
  const values = (name: string): readonly string[] => {
    const list = given.get(name)
    return Array.isArray(list) ? (list as string[]) : []
  }
  const has = (name: string): boolean => given.get(name) === true
  return { operands: command.args, has, value, values, isJson: has('json') }
}

// "error: unknown command 'statsu'\n(Did you mean status?)"
function plainly(message: string): string {
  return message
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (.*)\?\)$/s, '; did you mean $1?')
    .replaceAll('\n', ' ')
}
