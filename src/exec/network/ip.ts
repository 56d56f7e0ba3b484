// Runs iproute2's `ip`: batches that change things, and single queries.

import type { Family } from '../../addr/ip.ts'
import { CniCode, CniError } from '../../cni/error.ts'
import { batchText, failedLine, failedLines, type IpCommand } from '../../ip/batch.ts'
import type { Outcome } from '../command.ts'
import { run } from '../run.ts'

/**
 * Runs the commands as one `ip -batch -` process, in the namespace at `netns` if given. A batch is not a
 * transaction: iproute2 stops at the first refused command and keeps the effects of the earlier ones, so the
 * caller must undo them.
 * @param family the address family, for commands whose arguments do not imply it: rules (ip-rule(8))
 * @throws CniError CommandRefused with the failed command, its exit code and the message of `ip`
 */
export async function ipBatch(
  commands: readonly IpCommand[],
  netns?: string,
  family?: Family,
): Promise<void> {
  if (commands.length === 0) return
  const outcome = await runBatch(commands, netns, family)
  if (outcome.exitCode !== 0) throw refusal(commands, outcome, netns)
}

/**
 * Runs the commands like {@link ipBatch}, then `attempts` in the same process, up to the first one that is
 * refused. Such a refusal has no consequence.
 * @throws CniError CommandRefused if one of `commands` is refused
 */
export async function ipBatchThenTry(
  commands: readonly IpCommand[],
  attempts: readonly IpCommand[],
  netns?: string,
): Promise<void> {
  judgeBatch(commands, await runBatch([...commands, ...attempts], netns), netns)
}

/** Judges the outcome of a batch of `commands` and attempts. @throws CniError as {@link ipBatchThenTry} */
export function judgeBatch(commands: readonly IpCommand[], outcome: Outcome, netns?: string): void {
  if (outcome.exitCode === 0 || (failedLine(outcome.stderr) ?? 0) > commands.length) return
  throw refusal(commands, outcome, netns)
}

function runBatch(commands: readonly IpCommand[], netns?: string, family?: Family): Promise<Outcome> {
  return run({
    file: 'ip',
    args: [...(family === undefined ? [] : [`-${String(family)}`]), '-batch', '-'],
    input: batchText(commands),
    ...(netns === undefined ? {} : { netns }),
  })
}

function refusal(
  commands: readonly IpCommand[],
  { exitCode, stderr }: Outcome,
  netns: string | undefined,
): CniError {
  const failed = commands[(failedLine(stderr) ?? 1) - 1]?.join(' ') ?? '-batch'
  const said = stderr.replace(/\n?Command failed -:\d+\s*$/, '').trim()
  const where = netns === undefined ? '' : ` in ${netns}`
  return new CniError(
    CniCode.CommandRefused,
    'ip command refused',
    `ip ${failed}${where}: ${said === '' ? 'no reason given' : said} (exit ${String(exitCode)})`,
  )
}

/**
 * Runs the commands as one `ip -force -batch -` process, which continues after a refused command.
 * @returns the refused commands
 */
export async function ipBatchAnyway(commands: readonly IpCommand[]): Promise<readonly IpCommand[]> {
  if (commands.length === 0) return []
  const { exitCode, stderr } = await run({
    file: 'ip',
    args: ['-force', '-batch', '-'],
    input: batchText(commands),
  })
  if (exitCode === 0) return []
  return failedLines(stderr).flatMap((line) => {
    const command = commands[line - 1]
    return command === undefined ? [] : [command]
  })
}

/**
 * Runs one `ip -j` query. Each takes its own process, because several shows in one batch interfere with each
 * other (iproute2 6.1).
 * @returns the JSON text, or undefined if `ip` reports that the object does not exist
 */
export async function ipShow(args: readonly string[], netns?: string): Promise<string | undefined> {
  const outcome = await run({ file: 'ip', args: ['-j', ...args], ...(netns === undefined ? {} : { netns }) })
  return outcome.exitCode === 0 ? outcome.stdout : undefined
}
