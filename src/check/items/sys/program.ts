// Shared by SYS-003 and SYS-004: a program must exist and be new enough.

import type { ProgramFacts } from '../../facts/programs.ts'
import type { Finding } from '../../item.ts'
import { isAtLeast } from '../../../program-version.ts'

/**
 * Judges one program.
 * @param least the first version with every feature that we use
 */
export function judgeProgram(name: string, { version, said }: ProgramFacts, least: string): Finding {
  if (version === undefined)
    return { verdict: 'fail', seen: said === '' ? `${name} does not report its version` : said }
  if (isAtLeast(version, least)) return { verdict: 'ok', seen: `${name} ${version}` }
  return { verdict: 'fail', seen: `${name} is version ${version}; ${least} or newer is needed` }
}
