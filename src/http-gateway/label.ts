// Turns the names that people give to containers and hosts into labels of DNS names. Pure.

// RFC 1035, section 2.3.4.
const LONGEST = 63

/**
 * Returns the label: lower case, and one hyphen for each run of anything but letters and digits ("My_App.1"
 * is "my-app-1"). Two hyphens never follow each other, because they separate a port from a name. Undefined if
 * nothing is left.
 */
export function toLabel(name: string): string | undefined {
  const label = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST + 1)
    .replaceAll(/^-|-$/g, '')
    .slice(0, LONGEST)
    .replace(/-$/, '')
  return label === '' ? undefined : label
}
