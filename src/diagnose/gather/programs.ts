// Gathers the versions of `ip` and `nft`.

import { errorText } from '../../cni/error.ts'
import type { Facts } from '../../check/facts.ts'
import type { ProgramFacts } from '../../check/facts/programs.ts'
import { isLate } from '../../cni/late.ts'
import { run } from '../../exec/run.ts'
import { type GatherContext, QUESTION_PART } from '../context.ts'

export async function gatherPrograms({ limitMs }: GatherContext): Promise<Facts['programs']> {
  const timeoutMs = limitMs * QUESTION_PART
  const [ip, nft] = await Promise.all([
    // "ip utility, iproute2-6.1.0, libbpf 1.1.2"; before 5.8 "iproute2-ss190708"
    versionOf('ip', ['-Version'], /iproute2-v?(\d+(?:\.\d+)+)/, timeoutMs),
    versionOf('nft', ['--version'], /nftables v(\d+(?:\.\d+)+)/, timeoutMs),
  ])
  return { ip, nft }
}

async function versionOf(
  file: 'ip' | 'nft',
  args: readonly string[],
  pattern: RegExp,
  timeoutMs: number,
): Promise<ProgramFacts> {
  try {
    const { stdout, stderr } = await run({ file, args, timeoutMs })
    const said = (stdout + stderr).trim().split('\n')[0] ?? ''
    return { version: pattern.exec(said)?.[1], said }
  } catch (error) {
    // A program that has not answered yet is installed all the same.
    if (isLate(error)) throw error
    return { version: undefined, said: errorText(error) }
  }
}
