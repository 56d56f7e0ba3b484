// The versions of `ip` and `nft`.

import type { Facts } from '../../check/facts.ts'
import type { ProgramFacts } from '../../check/facts/programs.ts'
import { run } from '../../exec/run.ts'
import type { GatherContext } from '../context.ts'
import { reasonOf } from '../reason.ts'

export async function gatherPrograms({ limitMs }: GatherContext): Promise<Facts['programs']> {
  const [ip, nft] = await Promise.all([
    // "ip utility, iproute2-6.1.0, libbpf 1.1.2"; before 5.8 "iproute2-ss190708"
    versionOf('ip', ['-Version'], /iproute2-v?(\d+(?:\.\d+)+)/, limitMs),
    versionOf('nft', ['--version'], /nftables v(\d+(?:\.\d+)+)/, limitMs),
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
    return { version: undefined, said: reasonOf(error) }
  }
}
