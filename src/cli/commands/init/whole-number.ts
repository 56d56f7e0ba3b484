// A whole number as the value of an option.

import { type Call, misuse } from '../../command.ts'

/** Returns it, or `fallback` where the option is absent. @throws CniError for anything else */
export function wholeNumber(
  call: Call,
  option: string,
  fallback: number,
  [least, most]: readonly [number, number],
): number {
  const text = call.value(option)
  if (text === undefined) return fallback
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (value >= least && value <= most) return value
  throw misuse(
    `--${option} needs a whole number from ${String(least)} to ${String(most)}`,
    `got ${JSON.stringify(text)}`,
  )
}
