// How long a certificate still holds, as people count.

const DAY_SECONDS = 86_400

/** "expired 3 days ago", "ends in 12 days", with the date. */
export function lifetimeText(notAfter: number, now: number): string {
  const date = new Date(notAfter * 1000).toISOString().replace('.000Z', 'Z')
  const days = Math.floor(Math.abs(notAfter - now) / DAY_SECONDS)
  const length = days === 0 ? 'less than a day' : days === 1 ? '1 day' : `${String(days)} days`
  return notAfter < now ? `expired ${length} ago (${date})` : `ends in ${length} (${date})`
}

/** Whole days until then; negative when it is over. */
export function daysUntil(notAfter: number, now: number): number {
  return Math.floor((notAfter - now) / DAY_SECONDS)
}
