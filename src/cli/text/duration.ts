// Parses durations as users type them: "10s", "5m".

import { misuse } from '../command.ts'

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/**
 * Returns milliseconds, at most a day.
 * @param option for the message: "--wait"
 * @throws CniError for anything else
 */
export function parseDuration(text: string, option: string): number {
  const [, digits, unit] = /^(\d{1,8})(ms|s|m|h)$/.exec(text) ?? []
  const length = Number(digits) * (MILLISECONDS[unit ?? ''] ?? Number.NaN)
  if (!(length <= 86_400_000))
    throw misuse(`${option} needs a time like 10s or 5m`, `got ${JSON.stringify(text)}`)
  return length
}
