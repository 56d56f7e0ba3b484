// What a script that changed Windows says of it: report.json, and its exit code.

import { CniCode, CniError } from '../../cni/error.ts'
import { parseObject } from '../../config/shape.ts'
import { withoutMark } from '../../config/source-text.ts'
import { isObject } from '../../json.ts'
import { LAUNCH_EXIT } from './launch.ts'

/** What became of the steps, by the words of the scripts. */
export interface WindowsReport {
  readonly steps: readonly { readonly step: string; readonly state: string }[]
}

/** Reads report.json. @throws CniError DecodeFailure; CommandRefused for a step that failed, by its words */
export function parseReport(text: string, source: string): WindowsReport {
  const object = parseObject(withoutMark(text), source)
  const steps = Array.isArray(object['steps']) ? object['steps'] : []
  const problem = typeof object['problem'] === 'string' ? object['problem'] : 'no outcome'
  if (object['outcome'] !== 'done')
    throw new CniError(
      CniCode.CommandRefused,
      'Windows not set up',
      `${source}: ${problem}; what was done stays: repeat the command, or take it back ` +
        'with leave --windows run',
    )
  return {
    steps: steps.flatMap((each) =>
      isObject(each) && typeof each['step'] === 'string' && typeof each['state'] === 'string'
        ? [{ step: each['step'], state: each['state'] }]
        : [],
    ),
  }
}

/**
 * Judges how the script that asks for consent ended.
 * @param retry what to type to do it by hand
 * @throws CniError CommandRefused
 */
export function judgeLaunch(exitCode: number, stderr: string, retry: string): void {
  const why = whyNot(exitCode, stderr)
  if (why === undefined) return
  throw new CniError(CniCode.CommandRefused, 'Windows not set up', `${why}; ${retry}`)
}

// A step that failed has its words in report.json.
function whyNot(exitCode: number, stderr: string): string | undefined {
  switch (exitCode) {
    case 0:
    case 1:
      return undefined
    case LAUNCH_EXIT.notAdministrator:
      return 'Windows did not run it as administrator'
    case LAUNCH_EXIT.altered:
      return 'the script was changed by another program before Windows ran it, so it was not run'
    case LAUNCH_EXIT.refused:
      return 'Windows was not allowed to run it: the question was answered with no, or no one is there to ask'
    default: {
      const [first = ''] = stderr.trim().split(/\r?\n/)
      return `powershell.exe ended with ${String(exitCode)}${first === '' ? '' : `: ${first}`}`
    }
  }
}
