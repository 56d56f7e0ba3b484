// Nebula's configuration as data: one setting per key, each with the reason for its value.

/** A value of YAML. Maps keep the order of their keys. */
export type YamlValue = string | number | boolean | null | readonly YamlValue[] | YamlMap
export interface YamlMap {
  readonly [key: string]: YamlValue
}

/** One entry of a list whose entries each have a reason, such as a firewall rule. */
export interface Item {
  readonly value: YamlValue
  readonly why: string
}

/** One key of the configuration: `cipher`, or a key inside a section, `['tun', 'mtu']`. */
export interface Setting {
  readonly path: readonly [string] | readonly [string, string]
  readonly value: YamlValue
  /** One or two sentences for the comment above the key. */
  readonly why: string
  /** The reasons of the entries of `value`, if each has its own. */
  readonly items?: readonly Item[]
}

/** Returns a function that makes the settings of one section. */
export function inSection(section: string): (key: string, value: YamlValue, why: string) => Setting {
  return (key, value, why) => ({ path: [section, key], value, why })
}

/** Returns a setting whose value is a list with a reason per entry. */
export function listed(section: string, key: string, why: string, items: readonly Item[]): Setting {
  return { path: [section, key], value: items.map(({ value }) => value), why, items }
}
