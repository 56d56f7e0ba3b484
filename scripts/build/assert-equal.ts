// Replaces Node's `assert` in the verbs' bundle, where signal-exit (of proper-lockfile) uses it to check one
// argument: loading the real module takes as long as taking and releasing the lock.

/** Throws when the two differ (`!=`, as in Node). */
export function equal(actual: unknown, expected: unknown, message: string): void {
  // oxlint-disable-next-line eqeqeq -- what assert.equal() promises
  if (actual != expected) throw new Error(message)
}
