// Runs iproute2's `ip`: batches that change things, and single queries.

import { CniCode, CniError } from '../cni/error.ts'
import { batchText, failedLine, failedLines, type IpCommand } from '../ip/batch.ts'
import { run } from './run.ts'

/**
 * Runs the commands as one `ip -batch -` process, in the namespace at `netns` if given. A batch is no transaction:
 * iproute2 stops at the first command refused and leaves the earlier ones done, so the caller has to undo.
 * @throws CniError CommandRefused with the command that failed, its exit code and what `ip` said
 */
export async function ipBatch(commands: readonly IpCommand[], netns?: string): Promise<void> {
  if (commands.length === 0) return
  const { exitCode, stderr } = await run({
    file: 'ip',
    args: ['-batch', '-'],
    input: batchText(commands),
    ...(netns === undefined ? {} : { netns }),
  })
  if (exitCode === 0) return
  const failed = commands[(failedLine(stderr) ?? 1) - 1]?.join(' ') ?? '-batch'
  const said = stderr.replace(/\n?Command failed -:\d+\s*$/, '').trim()
  const where = netns === undefined ? '' : ` in ${netns}`
  throw new CniError(
    CniCode.CommandRefused,
    'ip command refused',
    `ip ${failed}${where}: ${said === '' ? 'no reason given' : said} (exit ${String(exitCode)})`,
  )
}

/**
 * Runs the commands as one `ip -force -batch -` process, which goes on after a command that is refused.
 * @returns the commands that were refused
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
 * One `ip -j` query, one process: several shows in one batch disturb each other (iproute2 6.1).
 * @returns the JSON text, or undefined when `ip` says that there is no such thing
 */
export async function ipShow(args: readonly string[], netns?: string): Promise<string | undefined> {
  const outcome = await run({ file: 'ip', args: ['-j', ...args], ...(netns === undefined ? {} : { netns }) })
  return outcome.exitCode === 0 ? outcome.stdout : undefined
}
