// Nebula's configuration may be a folder of files. This file merges them as config/config.go does with mergo.

/**
 * Merges parsed files, given in the order of their paths. A later value overrides an earlier one unless it is
 * empty (nothing, false, 0 or ''). Objects are merged key by key. Lists are joined, the later file's items
 * first.
 */
export function mergeConfigs(files: readonly unknown[]): unknown {
  return files.reduce((earlier, later) => merge(later, earlier, MOST_LEVELS), undefined)
}

// Deeper than any Nebula setting. The limit stops hostile YAML before it overflows the stack.
const MOST_LEVELS = 50

function merge(later: unknown, earlier: unknown, levels: number): unknown {
  if (Array.isArray(later) && Array.isArray(earlier))
    return [...(later as unknown[]), ...(earlier as unknown[])]
  if (isMap(later) && isMap(earlier) && levels > 0) {
    const keys = new Set([...Object.keys(earlier), ...Object.keys(later)])
    return Object.fromEntries(
      [...keys].map((key) => [key, merge(valueOf(later, key), valueOf(earlier, key), levels - 1)]),
    )
  }
  const isEmpty = later === undefined || later === null || later === false || later === 0 || later === ''
  return isEmpty && earlier !== undefined ? earlier : later
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function valueOf(map: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined
}
