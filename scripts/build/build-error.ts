// A build failure that the user can fix: the message says how.

/** Printed without a stack trace. */
export class BuildError extends Error {
  override toString(): string {
    return this.message
  }
}
