// The text of `ip -batch`: one command per line, built from argument lists.

/** The arguments of one `ip` command, without the leading `ip`. */
export type IpCommand = readonly string[]

// ip-batch(8) splits at blanks, honours quotes and starts comments with "#". A value must contain none of
// these.
const TOKEN = /^[A-Za-z0-9_.:/@%+=,-]+$/

/**
 * Renders one line per command. @throws TypeError for a token that `ip -batch` would not read as exactly one
 * word. Callers check names and addresses first, so this is always a bug and never the operator's mistake.
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

/**
 * Returns the 1-based numbers of all failed lines from the output of `ip -force -batch`, which continues
 * after a failure.
 */
export function failedLines(stderr: string): readonly number[] {
  return [...stderr.matchAll(/Command failed -:(\d+)/g)].map(([, line]) => Number(line))
}

/** Parses the commands of a text made by {@link batchText}. Skips lines that it never makes. */
export function parseBatch(text: string): readonly IpCommand[] {
  return text
    .split('\n')
    .map((line) => line.split(' '))
    .filter((command) => command.every((token) => TOKEN.test(token)))
}

/**
 * Returns the 1-based number of the line at which `ip -batch` failed ("Command failed -:3"), or undefined.
 */
export function failedLine(stderr: string): number | undefined {
  const match = /Command failed -:(\d+)/.exec(stderr)
  return match === null ? undefined : Number(match[1])
}
