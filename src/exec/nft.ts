// Runs nftables' `nft`: one text, one process, one transaction that the kernel takes or refuses as a whole.

import { CniCode, CniError } from '../cni/error.ts'
import { run } from './run.ts'

/**
 * Applies the commands and returns what listings among them printed.
 * @throws CniError CommandRefused with what `nft` said
 */
export async function nftApply(text: string): Promise<string> {
  const { exitCode, stdout, stderr } = await run({ file: 'nft', args: ['-f', '-'], input: text })
  if (exitCode === 0) return stdout
  throw refused(exitCode, stderr)
}

/**
 * Has the kernel try the commands without keeping anything of them (nft(8), --check).
 * @throws CniError CommandRefused with what `nft` said
 */
export async function nftCheck(text: string): Promise<void> {
  const { exitCode, stderr } = await run({ file: 'nft', args: ['--check', '-f', '-'], input: text })
  if (exitCode !== 0) throw refused(exitCode, stderr)
}

/**
 * What the listings in `text` print, or undefined when one of the things listed is not there. Named sets and maps come
 * without their elements (`--terse`), which may be thousands.
 */
export async function nftList(text: string): Promise<string | undefined> {
  const { exitCode, stdout } = await run({ file: 'nft', args: ['--terse', '-f', '-'], input: text })
  return exitCode === 0 ? stdout : undefined
}

/** Applies the commands if the kernel lets it. False, with nothing changed, when it refuses one. */
export async function nftTry(text: string): Promise<boolean> {
  return (await run({ file: 'nft', args: ['-f', '-'], input: text })).exitCode === 0
}

/** What a question prints, elements included, or undefined when one of the things asked for is not there. */
export async function nftAsk(text: string): Promise<string | undefined> {
  const { exitCode, stdout } = await run({ file: 'nft', args: ['-f', '-'], input: text })
  return exitCode === 0 ? stdout : undefined
}

function refused(exitCode: number, stderr: string): CniError {
  const hint = 'see that the kernel has nf_tables, nft_masq and nft_nat: modprobe nft_masq nft_nat'
  return new CniError(
    CniCode.CommandRefused,
    'nft transaction refused',
    `${stderr.trim()} (exit ${String(exitCode)}; ${hint})`,
  )
}
