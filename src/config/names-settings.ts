// The settings of names: the object "names" in /etc/flatnet/flatnet.json.

import { configError, describe, optionalString } from './shape.ts'

/** How containers are called. */
export interface NamesSettings {
  /** Lower-case, without a dot at the end. */
  readonly domain: string
  /**
   * Whether containers are told to ask the agent. 'auto': where that can neither cost a question nor override
   * what a user has asked for.
   */
  readonly give: boolean | 'auto'
}

/** ICANN has set "internal" aside for private use, so no public name is hidden. */
const DEFAULT_DOMAIN = 'flatnet.internal'

// With a container's label, a host's label and two dots in front, a name has at most 253 characters (RFC
// 1035, section 2.3.4).
const LONGEST_DOMAIN = 253 - 2 * 64

interface Found {
  readonly value: unknown
  readonly path: string
}

/** Parses the object by its keys. @throws CniError InvalidConfig */
export function parseNames(key: (name: keyof NamesSettings) => Found): NamesSettings {
  return { domain: parseDomain(key('domain')), give: parseGive(key('give')) }
}

function parseGive({ value, path }: Found): NamesSettings['give'] {
  if (value === undefined || value === null) return 'auto'
  if (value === true || value === false || value === 'auto') return value
  throw configError(path, `needs true, false or "auto", got ${describe(value)}`)
}

function parseDomain({ value, path }: Found): string {
  const text = optionalString(value, path) ?? DEFAULT_DOMAIN
  const domain = text.toLowerCase().replace(/\.$/, '')
  const isName = domain.split('.').every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label))
  if (!isName || domain.length > LONGEST_DOMAIN)
    throw configError(
      path,
      `needs a domain of up to ${String(LONGEST_DOMAIN)} characters like ${DEFAULT_DOMAIN}, got ` +
        `${describe(text)}`,
    )
  if (domain === 'local' || domain.endsWith('.local') || domain === 'arpa' || domain.endsWith('.arpa'))
    throw configError(path, `${describe(text)} belongs to another use (RFC 6762, RFC 3172)`)
  return domain
}
