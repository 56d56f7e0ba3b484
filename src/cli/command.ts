// Defines a command: data that parsing, --help, completion, manual pages and the page in docs are generated
// from, and a handler that returns data. Only output.ts prints.

import { CniCode, CniError } from '../cni/error.ts'
import type { Terminal, Theme } from './terminal.ts'

/** One command. Capitalised words in its texts are operands or option values. */
export interface CommandSpec {
  readonly name: string
  /** One line without a full stop: "what this host is, and every peer with its path". */
  readonly summary: string
  /** Paragraphs for --help and the manual page, one string each. */
  readonly description?: readonly string[]
  readonly operands?: readonly OperandSpec[]
  readonly options?: readonly OptionSpec[]
  /** Accepts --json, which prints the answer's data as one document with "version": 1. */
  readonly json?: boolean
  readonly examples?: readonly Example[]
  readonly exits: ExitFamily
  readonly subcommands?: readonly CommandSpec[]
  /**
   * Loads the handler; absent where {@link subcommands} or another part of the program (`agent`) do the work.
   */
  readonly load?: () => Promise<Handler>
}

export interface OperandSpec {
  /** "PEER" */
  readonly name: string
  readonly summary: string
  readonly isOptional?: boolean
  /** Takes the rest of the line. */
  readonly isList?: boolean
  readonly takes?: Values
}

export interface OptionSpec {
  /** "dry-run" for --dry-run. */
  readonly name: string
  /** "o" for -o. */
  readonly short?: string
  /** "FILE": the option takes a value, shown under this name. */
  readonly value?: string
  readonly summary: string
  /** May be repeated. */
  readonly isList?: boolean
  readonly takes?: Values
}

/** The values that fit a place: one of these words, or a kind that completion can list. */
export type Values = readonly string[] | 'file' | 'peer' | 'address' | 'command'

interface Example {
  readonly line: string
  readonly says: string
}

/**
 * The meaning of exit codes. 'done' (commands that change something): 0 done, 1 failed, 2 misuse. 'judged'
 * (commands that examine): 0 fine, 1 warnings under --strict where that exists, 2 something is wrong, 3 could
 * not run, 4 not everything could be judged in time (`check`).
 */
export type ExitFamily = 'done' | 'judged'

/** The exit code of each family for a misused command line, and for a command that could not run. */
export const EXITS: Readonly<Record<ExitFamily, { misunderstood: number; unable: number }>> = {
  done: { misunderstood: 2, unable: 1 },
  judged: { misunderstood: 3, unable: 3 },
}

/** A parsed command line. */
export interface Call {
  /** The whole program, for the commands that describe it. */
  readonly program: CommandSpec
  readonly operands: readonly string[]
  /** Tells whether an option without a value was given. */
  readonly has: (option: string) => boolean
  readonly value: (option: string) => string | undefined
  readonly values: (option: string) => readonly string[]
  readonly isJson: boolean
}

/** The result of a command. */
export interface Answer {
  /** Printed with --json, preceded by "version": 1. */
  readonly data: object
  /** Renders the text for people, including its final newline. */
  readonly render: (theme: Theme) => string
  /** 0 by default. */
  readonly exitCode?: number
  /** {@link Terminal.emit} has already printed everything. */
  readonly isSilent?: boolean
}

/**
 * Runs a command.
 * @throws CniError for every error that an operator can meet
 */
export type Handler = (call: Call, terminal: Terminal) => Promise<Answer>

/** Returns the command that a line's names lead to, with its full name: ["ipam", "show"]. */
export function findCommand(
  commands: readonly CommandSpec[],
  names: readonly string[],
): CommandSpec | undefined {
  const [name, ...rest] = names
  const found = commands.find((command) => command.name === name)
  if (found === undefined || rest.length === 0) return found
  return findCommand(found.subcommands ?? [], rest)
}

/** Returns all options of a command in the order of --help, including --json. */
export function optionsOf({ options = [], json = false }: CommandSpec): readonly OptionSpec[] {
  return json ? [...options, JSON_OPTION] : options
}

const JSON_OPTION: OptionSpec = { name: 'json', summary: 'print one JSON document, for programs' }

/** Returns "[PEER]", "ADDRESS" or "[COMMAND...]". */
export function operandText({ name, isOptional = false, isList = false }: OperandSpec): string {
  const text = isList ? `${name}...` : name
  return isOptional ? `[${text}]` : text
}

const MISUSE = Symbol('misuse')

/** Returns the error for operands or options that make no sense ("--for banana"): a misused command line. */
export function misuse(problem: string, details = ''): CniError {
  return new CniError(CniCode.InvalidEnvironment, problem, details, { cause: MISUSE })
}

/** Tells whether {@link misuse} created the error. */
export function isMisuse(error: CniError): boolean {
  return error.cause === MISUSE
}
