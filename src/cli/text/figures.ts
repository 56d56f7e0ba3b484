// Formats figures for people.

/** Returns "0.43 ms", "12 ms" or "1.2 s"; "-" for null. */
export function duration(ms: number | null): string {
  if (ms === null) return '-'
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`
  return ms < 10 ? `${ms.toFixed(2)} ms` : `${String(Math.round(ms))} ms`
}

/** Formats a fraction from 0 to 1 as "0 %", "2.5 %" or "40 %". */
export function percent(part: number): string {
  const value = part * 100
  return `${Number.isInteger(value) || value >= 10 ? String(Math.round(value)) : value.toFixed(1)} %`
}

const UNITS: readonly (readonly [name: string, seconds: number])[] = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
]

/** Returns the time since `since` in its two largest units: "3d 4h", "12m 5s"; "-" for an invalid time. */
export function age(since: string, now: Date): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(since)) / 1000))
  if (Number.isNaN(seconds)) return '-'
  const at = UNITS.findIndex(([, size]) => seconds >= size)
  if (at === -1) return '0s'
  let rest = seconds
  const parts = UNITS.slice(at, at + 2).map(([name, size]) => {
    const count = Math.floor(rest / size)
    rest -= count * size
    return count === 0 ? '' : `${String(count)}${name}`
  })
  return parts.filter((part) => part !== '').join(' ')
}

/** Returns "12:03:14" in local time, preceded by the date unless it is today's. */
export function moment(at: string, now: Date): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return at
  const two = (value: number): string => String(value).padStart(2, '0')
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  const day = (each: Date): string =>
    `${String(each.getFullYear())}-${two(each.getMonth() + 1)}-${two(each.getDate())}`
  return day(date) === day(now) ? clock : `${day(date)} ${clock}`
}
