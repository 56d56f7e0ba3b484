// Stands in for Node's `assert` in the verbs' bundle, where signal-exit (of proper-lockfile) checks one argument with it:
// loading the real one takes as long as taking and releasing the lock.

/** Throws when the two differ (`!=`, as Node's). */
export function equal(actual: unknown, expected: unknown, message: string): void {
  // oxlint-disable-next-line eqeqeq -- what assert.equal() promises
  if (actual != expected) throw new Error(message)
}
