// What a command of the command line is: data from which parsing, --help, completion, manual pages and the page in docs
// are made, and a handler that returns data. Only output.ts prints.

import { CniCode, CniError } from '../cni/error.ts'
import type { Terminal, Theme } from './terminal.ts'

/** One command. Words in capitals in texts are operands or values of options. */
export interface CommandSpec {
  readonly name: string
  /** One line without a full stop: "what this host is, and every peer with its path". */
  readonly summary: string
  /** Paragraphs for --help and the manual page, each one string. */
  readonly description?: readonly string[]
  readonly operands?: readonly OperandSpec[]
  readonly options?: readonly OptionSpec[]
  /** Takes --json: the data of the answer as one document with "version": 1. */
  readonly json?: boolean
  readonly examples?: readonly Example[]
  readonly exits: ExitFamily
  readonly subcommands?: readonly CommandSpec[]
  /** Loads what does it; absent where {@link subcommands} do, or another part of the program (`agent`). */
  readonly load?: () => Promise<Handler>
}

export interface OperandSpec {
  /** "PEER" */
  readonly name: string
  readonly summary: string
  readonly isOptional?: boolean
  /** Takes what is left of the line. */
  readonly isList?: boolean
  readonly takes?: Values
}

export interface OptionSpec {
  /** "dry-run" for --dry-run. */
  readonly name: string
  /** "o" for -o. */
  readonly short?: string
  /** "FILE": the option takes a value by this name. */
  readonly value?: string
  readonly summary: string
  /** May be given several times. */
  readonly isList?: boolean
  readonly takes?: Values
}

/** What can stand in a place: one of these words, or something that completion knows how to list. */
export type Values = readonly string[] | 'file' | 'peer' | 'address' | 'command'

export interface Example {
  readonly line: string
  readonly says: string
}

/**
 * What exit codes mean. 'done' (commands that change something): 0 done, 1 failed, 2 not understood. 'judged' (commands
 * that look): 0 fine, 1 warnings under --strict where there is one, 2 something is wrong, 3 could not run.
 */
export type ExitFamily = 'done' | 'judged'

/** How each family ends when the command line was not understood, or the command could not be carried out. */
export const EXITS: Readonly<Record<ExitFamily, { misunderstood: number; unable: number }>> = {
  done: { misunderstood: 2, unable: 1 },
  judged: { misunderstood: 3, unable: 3 },
}

/** A line as it was understood. */
export interface Call {
  readonly operands: readonly string[]
  /** Whether an option without value was given. */
  readonly has: (option: string) => boolean
  readonly value: (option: string) => string | undefined
  readonly values: (option: string) => readonly string[]
  readonly isJson: boolean
}

/** What a command has to tell. */
export interface Answer {
  /** Printed with --json, "version": 1 in front. */
  readonly data: object
  /** The text for people, with its final newline. */
  readonly render: (theme: Theme) => string
  /** 0 when left out. */
  readonly exitCode?: number
  /** All was said by {@link Terminal.emit}. */
  readonly isSilent?: boolean
}

/** Does a command. @throws CniError for everything that an operator can meet */
export type Handler = (call: Call, terminal: Terminal) => Promise<Answer>

/** The command that a line of names leads to, with its whole name: ["ipam", "show"]. */
export function findCommand(
  commands: readonly CommandSpec[],
  names: readonly string[],
): CommandSpec | undefined {
  const [name, ...rest] = names
  const found = commands.find((command) => command.name === name)
  if (found === undefined || rest.length === 0) return found
  return findCommand(found.subcommands ?? [], rest)
}

/** All options of a command in the order of --help, --json among them. */
export function optionsOf({ options = [], json = false }: CommandSpec): readonly OptionSpec[] {
  return json ? [...options, JSON_OPTION] : options
}

const JSON_OPTION: OptionSpec = { name: 'json', summary: 'print one JSON document, for programs' }

/** "[PEER]", "ADDRESS", "[COMMAND...]" */
export function operandText({ name, isOptional = false, isList = false }: OperandSpec): string {
  const text = isList ? `${name}...` : name
  return isOptional ? `[${text}]` : text
}

const MISUSE = Symbol('misuse')

/** What a handler throws when what it was given makes no sense ("--for banana"): the line was not understood. */
export function misuse(problem: string, details = ''): CniError {
  return new CniError(CniCode.InvalidEnvironment, problem, details, { cause: MISUSE })
}

/** Whether {@link misuse} made it. */
export function isMisuse(error: CniError): boolean {
  return error.cause === MISUSE
}
