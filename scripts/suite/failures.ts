// Says at the very end what failed, for readers that see only the last lines of a long log. Pure.
import type { Count } from './count.ts'

const FAILED_POINT = /^ *not ok\b(?: \d+)?(?: - )?(.*?)(?: # time=[\d.]+ms)?(?: \{)?$/
const MOST = 3
const LONGEST = 300

/** Returns a line for each failed point, three at most; one line with the name if there is none. */
export function failureLines(name: string, { notes }: Pick<Count, 'notes'>): readonly string[] {
  const points = notes.flatMap((note) => FAILED_POINT.exec(note)?.[1] ?? [])
  if (points.length === 0) return [`failed: ${name}`]
  const more = points.length > MOST ? [`failed: ${name}: and ${String(points.length - MOST)} more`] : []
  return [...points.slice(0, MOST).map((point) => `failed: ${name}: ${point.slice(0, LONGEST)}`), ...more]
}
