// The command line: chooses the command, prints what it returns and turns failures into messages and exit codes. The
// only place that prints for people.

import { CniError, errnoCode } from '../cni/error.ts'
import { helpText, versionText } from './help.ts'

/**
 * Runs one command line (without the program's name) and resolves to the exit code: 0 done, 1 failed, 2 not
 * understood.
 */
export async function runCli(argv: readonly string[]): Promise<number> {
  const [command = 'help', ...rest] = argv
  try {
    switch (command) {
      case 'help':
      case '--help':
      case '-h':
        return print(helpText())
      case 'version':
      case '--version':
        return print(versionText())
      case 'sync': {
        const { runSync } = await import('./sync.ts')
        return rest.length === 0
          ? print(await runSync())
          : misunderstood(`sync takes no argument, got ${rest.join(' ')}`)
      }
      case 'gc': {
        const { runGc } = await import('./gc.ts')
        const { text, isComplete } = await runGc(rest)
        print(text)
        return isComplete ? 0 : 1
      }
      default:
        return misunderstood(`unknown command ${JSON.stringify(command)}`)
    }
  } catch (error) {
    // What node:util says about an argument it does not know.
    if (errnoCode(error)?.startsWith('ERR_PARSE_ARGS') === true)
      return misunderstood((error as Error).message)
    if (!(error instanceof CniError)) throw error
    process.stderr.write(`flatnet-cni: ${error.message}\n  ${error.details}\n`)
    return 1
  }
}

function print(text: string): number {
  process.stdout.write(text)
  return 0
}

function misunderstood(problem: string): number {
  process.stderr.write(`flatnet-cni: ${problem}\nTry: flatnet-cni --help\n`)
  return 2
}
