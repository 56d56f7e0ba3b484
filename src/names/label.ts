// Container and host names as DNS labels.

const LONGEST_LABEL = 63

/**
 * Returns the label of a name, or undefined if nothing is left of it: lower case; every run of other
 * characters than letters, digits and hyphens becomes one hyphen, as does every run of hyphens; none at the
 * ends; at most 63 characters. "My_App.1" becomes "my-app-1". Two hyphens are left free for the HTTP
 * Gateway, which reads "8080--web" as port 8080 of web.
 */
export function labelOf(name: string): string | undefined {
  const label = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, LONGEST_LABEL)
    .replace(/-$/, '')
  return label === '' ? undefined : label
}
