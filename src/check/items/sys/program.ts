// What SYS-003 and SYS-004 have in common: a program that has to be there and new enough.

import type { ProgramFacts } from '../../facts/programs.ts'
import type { Finding } from '../../item.ts'
import { isAtLeast } from '../../version.ts'

/** @param least the first version with everything that is asked of it */
export function judgeProgram(name: string, { version, said }: ProgramFacts, least: string): Finding {
  if (version === undefined) return { verdict: 'fail', seen: said === '' ? `${name} says no version` : said }
  if (isAtLeast(version, least)) return { verdict: 'ok', seen: `${name} ${version}` }
  return { verdict: 'fail', seen: `${name} is version ${version}, ${least} is the first that will do` }
}
