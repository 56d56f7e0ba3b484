// Runs nftables' `nft`: one text, one process, one transaction that the kernel accepts or refuses as a whole.

import { CniCode, CniError } from '../../cni/error.ts'
import { run } from '../run.ts'

/**
 * Applies the commands and returns the output of any listings among them.
 * @throws CniError CommandRefused with the message of `nft`
 */
export async function nftApply(text: string): Promise<string> {
  const { exitCode, stdout, stderr } = await run({ file: 'nft', args: ['-f', '-'], input: text })
  if (exitCode === 0) return stdout
  throw refused(exitCode, stderr)
}

/**
 * Lets the kernel check the commands without applying them (nft(8), --check).
 * @throws CniError CommandRefused with the message of `nft`
 */
export async function nftCheck(text: string): Promise<void> {
  const { exitCode, stderr } = await run({ file: 'nft', args: ['--check', '-f', '-'], input: text })
  if (exitCode !== 0) throw refused(exitCode, stderr)
}

/**
 * Returns the output of the listings in `text`, or undefined if a listed object does not exist. Named sets
 * and maps are listed without their elements (`--terse`), which may be thousands.
 */
export async function nftList(text: string): Promise<string | undefined> {
  const { exitCode, stdout } = await run({ file: 'nft', args: ['--terse', '-f', '-'], input: text })
  return exitCode === 0 ? stdout : undefined
}

/** Applies the commands. Returns false, with nothing changed, if the kernel refuses one. */
export async function nftTry(text: string): Promise<boolean> {
  return (await run({ file: 'nft', args: ['-f', '-'], input: text })).exitCode === 0
}

/** Returns the output of a query, elements included, or undefined if a requested object does not exist. */
export async function nftAsk(text: string): Promise<string | undefined> {
  const { exitCode, stdout } = await run({ file: 'nft', args: ['-f', '-'], input: text })
  return exitCode === 0 ? stdout : undefined
}

function refused(exitCode: number, stderr: string): CniError {
  // nft up to 0.9.8 cannot read from a socket, and standard input is one here
  // (src/check/items/sys/nft-program.ts).
  const hint = stderr.includes('/dev/stdin')
    ? 'this nft is too old: install nftables 0.9.9 or newer'
    : 'check that the kernel has nf_tables, nft_masq and nft_nat: modprobe nft_masq nft_nat'
  return new CniError(
    CniCode.CommandRefused,
    'nft transaction refused',
    `${stderr.trim()} (exit ${String(exitCode)}; ${hint})`,
  )
}
