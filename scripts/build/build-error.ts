// A build that cannot go on for a reason that whoever started it can put right: the message says how.

/** Printed without a stack trace. */
export class BuildError extends Error {
  override toString(): string {
    return this.message
  }
}
