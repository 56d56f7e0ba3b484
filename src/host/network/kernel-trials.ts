// Finds out what the kernel supports by trying it in a temporary network namespace. The kernel's
// configuration is not enough: it may say "module" where the module is not installed.

import type { KernelFacts } from '../../check/facts/kernel.ts'
import { run } from '../../exec/run.ts'
import { hasModules, kernelRelease } from '../../kernel/modules.ts'
import { KERNEL_LINKS, KERNEL_RULES, type KernelTrial } from '../../net/kernel-needs.ts'

/**
 * Tries each feature.
 * @throws CniError when `ip`, `nft` or `unshare` is missing, and when no network namespace can be created
 */
export async function tryKernel(timeoutMs: number): Promise<KernelFacts> {
  const [links, rules] = await Promise.all([tryLinks(timeoutMs), tryRules(timeoutMs)])
  const release = kernelRelease()
  return { release, hasModules: hasModules(release), links, rules }
}

// With -force, `ip` carries on after an error and reports which lines were refused.
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

// Try everything in one process first, since it usually works.
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
