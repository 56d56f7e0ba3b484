/** A reason why a release cannot be made, for the person who makes it. */
export class ReleaseError extends Error {}
