// What the kernel can do, found out by asking it for exactly that in a network namespace that ends at once. A
// configuration may say "module" where there is no module to be had.

import { existsSync } from 'node:fs'
import { release } from 'node:os'
import type { Facts } from '../../check/facts.ts'
import type { KernelTrial } from '../../check/facts/kernel.ts'
import { run } from '../../exec/run.ts'
import { KERNEL_LINKS, KERNEL_RULES } from '../../net/kernel-needs.ts'
import type { GatherContext } from '../context.ts'

/** @throws CniError when `ip`, `nft` or `unshare` is missing, and when no network namespace can be made */
export async function gatherKernel({ limitMs }: GatherContext): Promise<Facts['kernel']> {
  const [links, rules] = await Promise.all([tryLinks(limitMs), tryRules(limitMs)])
  return { release: release(), hasModules: existsSync(`/lib/modules/${release()}`), links, rules }
}

// With -force, `ip` goes on after a refusal and says which lines were refused.
async function tryLinks(timeoutMs: number): Promise<readonly KernelTrial[]> {
  const input = `${KERNEL_LINKS.map(({ command }) => command).join('\n')}\n`
  const { exitCode, stderr } = await run({
    file: 'ip',
    args: ['-force', '-batch', '-'],
    input,
    apart: true,
    timeoutMs,
  })
  refuseWithoutNamespace(stderr)
  const complaints = new Map<number, string>()
  let said: string[] = []
  for (const line of stderr.split('\n')) {
    const failed = /^Command failed -:(\d+)/.exec(line)?.[1]
    if (failed === undefined) said.push(line)
    else {
      complaints.set(Number(failed), said.join(' ').trim())
      said = []
    }
  }
  if (exitCode !== 0 && complaints.size === 0) throw new Error(stderr.trim())
  return KERNEL_LINKS.map(({ feature }, index) => {
    const complaint = complaints.get(index + 1)
    return { feature, works: complaint === undefined, said: complaint ?? '' }
  })
}

// All at once first: that is the usual case, and one process.
async function tryRules(timeoutMs: number): Promise<readonly KernelTrial[]> {
  const nft = (text: string) => run({ file: 'nft', args: ['-f', '-'], input: text, apart: true, timeoutMs })
  const whole = await nft(KERNEL_RULES.map(({ text }) => text).join('\n'))
  refuseWithoutNamespace(whole.stderr)
  if (whole.exitCode === 0) return KERNEL_RULES.map(({ feature }) => ({ feature, works: true, said: '' }))
  return Promise.all(
    KERNEL_RULES.map(async ({ feature, text }) => {
      const { exitCode, stderr } = await nft(text)
      return {
        feature,
        works: exitCode === 0,
        said: exitCode === 0 ? '' : (stderr.trim().split('\n')[0] ?? ''),
      }
    }),
  )
}

function refuseWithoutNamespace(stderr: string): void {
  if (stderr.startsWith('unshare:')) throw new Error(stderr.trim())
}
