// The remaining lifetime of a certificate, in days and in words.

/** A host certificate that expires within so many days is worth a warning: signing it takes a person. */
export const EXPIRES_SOON_DAYS = 30

const DAY_SECONDS = 86_400

/** Returns "expired 3 days ago" or "expires in 12 days", with the date. */
export function lifetimeText(notAfter: number, now: number): string {
  const date = new Date(notAfter * 1000).toISOString().replace('.000Z', 'Z')
  const days = Math.floor(Math.abs(notAfter - now) / DAY_SECONDS)
  const length = days === 0 ? 'less than a day' : days === 1 ? '1 day' : `${String(days)} days`
  return notAfter < now ? `expired ${length} ago (${date})` : `expires in ${length} (${date})`
}

/** Returns the whole days until `notAfter`; negative after that. */
export function daysUntil(notAfter: number, now: number): number {
  return Math.floor((notAfter - now) / DAY_SECONDS)
}
