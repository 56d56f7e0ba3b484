// The text of `ip -batch`: one command a line, from argument lists.

/** Arguments of one `ip` command without the leading `ip`. */
export type IpCommand = readonly string[]

// ip-batch(8) splits at blanks, groups by quotes and starts comments with "#"; nothing of that may come from a value.
const TOKEN = /^[A-Za-z0-9_.:/@%+=,-]+$/

/**
 * One line per command. @throws TypeError for a token that `ip -batch` would read as more or less than one word: the
 * callers check names and addresses before, so this is a mistake of ours and never an operator's.
 */
export function batchText(commands: readonly IpCommand[]): string {
  return commands
    .map((command) => {
      const bad = command.find((token) => !TOKEN.test(token))
      if (bad !== undefined) throw new TypeError(`not one word for ip -batch: ${JSON.stringify(bad)}`)
      return `${command.join(' ')}\n`
    })
    .join('')
}

/** The 1-based lines that `ip -force -batch`, which goes on after a failure, says it failed at. */
export function failedLines(stderr: string): readonly number[] {
  return [...stderr.matchAll(/Command failed -:(\d+)/g)].map(([, line]) => Number(line))
}

/** The commands of a text that {@link batchText} made; lines that it never makes are left out. */
export function parseBatch(text: string): readonly IpCommand[] {
  return text
    .split('\n')
    .map((line) => line.split(' '))
    .filter((command) => command.every((token) => TOKEN.test(token)))
}

/** The 1-based line that `ip -batch` says it failed at ("Command failed -:3"), or undefined. */
export function failedLine(stderr: string): number | undefined {
  const match = /Command failed -:(\d+)/.exec(stderr)
  return match === null ? undefined : Number(match[1])
}
