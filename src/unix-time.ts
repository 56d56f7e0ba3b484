// Unix time, as certificates count it.

/** Returns whole seconds since 1970. */
export function unixSeconds(at: Date): number {
  return Math.floor(at.getTime() / 1000)
}
