// Replaces names and addresses consistently and irreversibly.

import { formatIp, parseIp } from '../../../addr/ip.ts'
import { makeAddressMap } from './address-map.ts'

export interface Anonymiser {
  readonly text: (text: string) => string
  /**
   * Replaces text in JSON values. Keys are replaced only if they are addresses, since the others are
   * our own words.
   */
  readonly json: (value: unknown) => unknown
}

const IPV4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.]*\d)/g
const IPV6 = /(?<![0-9a-zA-Z:.])(?=[0-9a-fA-F]*:[0-9a-fA-F:.]*:)[0-9a-fA-F:.]+(?![0-9a-zA-Z:])/g
/** "fd86::1: no route"; an address itself may end in two colons. */
const SENTENCE_END = /(?<!:):$|\.$/
const MAC = /(?<![0-9a-fA-F:])[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}(?![0-9a-fA-F:])/g
/** Container IDs, fingerprints, public keys. */
const LONG_HEX = /(?<![0-9a-fA-F])[0-9a-fA-F]{32,}(?![0-9a-fA-F])/g
const HOME = /\/home\/[^/\s"]+/g

/**
 * Returns an anonymiser.
 * @param sample all the texts to be replaced, so that the result does not depend on their order
 * @param names words by kind: "host" → ["tokyo", "osaka"]
 */
export function makeAnonymiser(
  sample: readonly string[],
  names: ReadonlyMap<string, readonly string[]>,
): Anonymiser {
  const all = sample.join('\n')
  const addresses = makeAddressMap(
    found(all, IPV4, IPV6).flatMap((text) => parseIp(text.replace(SENTENCE_END, '')) ?? []),
  )
  const macs = numbered(found(all, MAC), (index) => {
    const hex = index.toString(16).padStart(8, '0')
    return `02:00:${hex.match(/../g)?.join(':') ?? ''}`
  })
  const ids = numbered(found(all, LONG_HEX), (index) => `id${String(index)}`)
  const words = wordMap(names)
  const byWord =
    words.size === 0
      ? undefined
      : new RegExp(`(?<![\\p{L}\\p{N}_])(?:${longestFirst(words)})(?![\\p{L}\\p{N}_])`, 'gu')

  const address = (text: string): string => {
    const [end = ''] = SENTENCE_END.exec(text) ?? []
    const ip = parseIp(text.slice(0, text.length - end.length))
    return ip === undefined ? text : formatIp(addresses(ip)) + end
  }
  const text = (from: string): string => {
    const marked = byWord === undefined ? from : from.replaceAll(byWord, (word) => words.get(word) ?? word)
    return marked
      .replaceAll(LONG_HEX, (id) => ids.get(id) ?? id)
      .replaceAll(MAC, (mac) => macs.get(mac) ?? mac)
      .replaceAll(IPV6, address)
      .replaceAll(IPV4, address)
      .replaceAll(HOME, '/home/user')
  }
  const json = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value)
    if (Array.isArray(value)) return value.map(json)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [keyText(key), json(each)]))
  }
  const keyText = (key: string): string => (/[.:/]/.test(key) ? text(key) : key)
  return { text, json }
}

function found(text: string, ...patterns: readonly RegExp[]): readonly string[] {
  return patterns.flatMap((pattern) => text.match(pattern) ?? [])
}

function numbered(values: readonly string[], name: (index: number) => string): ReadonlyMap<string, string> {
  return new Map([...new Set(values)].toSorted().map((value, index) => [value, name(index + 1)]))
}

// A one-letter name would match everywhere, and a name that equals one of our own words is
// indistinguishable from it.
function wordMap(names: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, string> {
  const words = new Map<string, string>()
  for (const [kind, list] of names) {
    const known = [...new Set(list)].filter((name) => name.length > 1 && !words.has(name)).toSorted()
    for (const [index, name] of known.entries()) words.set(name, `${kind}-${String(index + 1)}`)
  }
  return words
}

function longestFirst(words: ReadonlyMap<string, string>): string {
  return [...words.keys()]
    .toSorted((a, b) => b.length - a.length)
    .map((word) => word.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`))
    .join('|')
}
