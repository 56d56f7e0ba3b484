// Runs the command line from start to end: parse the line, run the command, print its result, and turn every
// failure into a message and an exit code.

import { CniCode, CniError, errnoCode } from '../cni/error.ts'
import { EXITS, type ExitFamily, isMisuse, misuse } from './command.ts'
import { PROGRAM } from './commands.ts'
import { openOutput, type Output } from './output.ts'
import { parseLine } from './parse.ts'

/** Runs one command line (without the program's name) and resolves to the exit code. */
export async function runCli(argv: readonly string[]): Promise<number> {
  const parsed = parseLine(PROGRAM, argv.length === 0 ? ['--help'] : asCommand(argv))
  const { exits } = parsed.kind === 'call' ? parsed.spec : PROGRAM
  const isJson = parsed.kind === 'call' ? parsed.call.isJson : argv.includes('--json')
  const output = openOutput(isJson, EXITS[exits].unable)
  try {
    if (parsed.kind === 'text') {
      output.text(parsed.text)
      return 0
    }
    if (parsed.kind === 'misunderstood') {
      output.misunderstood(parsed.problem, parsed.hint)
      return parsed.exitCode
    }
    const { spec, call } = parsed
    // src/main.ts starts the agent, and looks for the word in first position only.
    if (spec.load === undefined)
      throw misuse(`${spec.name} must be the first argument`, `flatnet-cni ${spec.name}`)
    const handler = await spec.load()
    const answer = await handler(call, output.terminal)
    output.answer(answer)
    return answer.exitCode ?? 0
  } catch (error) {
    return fail(error, exits, output)
  } finally {
    output.end()
  }
}

// Users often type these options where a command is expected.
function asCommand(argv: readonly string[]): readonly string[] {
  return argv[0] === '--version' || argv[0] === '-V' ? ['version', ...argv.slice(1)] : argv
}

function fail(error: unknown, exits: ExitFamily, output: Output): number {
  if (error instanceof CniError) {
    output.failure(error)
    return isMisuse(error) ? EXITS[exits].misunderstood : EXITS[exits].unable
  }
  const refused = systemRefusal(error)
  if (refused === undefined) throw error
  output.failure(refused)
  return EXITS[exits].unable
}

// An error from the operating system concerns the operator. A stack trace would suggest a bug of ours.
function systemRefusal(error: unknown): CniError | undefined {
  const code = errnoCode(error)
  if (!(error instanceof Error) || code === undefined || !/^E[A-Z0-9]+$/.test(code)) return undefined
  const remedy = code === 'EACCES' || code === 'EPERM' ? '; run it as root' : ''
  return new CniError(CniCode.IoFailure, 'the system refused', `${error.message}${remedy}`)
}
