// The name by which people know a container.

/** Returns the text if it looks like a name. It is only for display, so anything else is ignored. */
export function parseContainerName(text = ''): string | undefined {
  return /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,252}$/.test(text) ? text : undefined
}
