// Damaged documents for the HTTP Gateway: cut, altered in a byte or in a value, of other kinds and versions,
// too deep, too large, and numbers that JSON can write and Lua cannot.

import { pick, type Random, randomFrom } from '../random.ts'

/** Returns the bytes of a damaged document, one character each; the same for the same seed. */
export function damagedDocument(whole: unknown, seed: number): string {
  const random = randomFrom(seed)
  const roll = random()
  const text = JSON.stringify(whole)
  if (roll < 0.1) return text.slice(0, Math.floor(random() * text.length))
  if (roll < 0.25) return bytesChanged(text, random)
  if (roll < 0.35) return foreign(text, random)
  // Values that JSON.stringify cannot write stand in it as marks. A good document may have a field of a later
  // version, whatever its value.
  const isLater = roll < 0.5 && typeof whole === 'object'
  const value = isLater ? { ...whole, more: pick(random, VALUES) } : valuesChanged(whole, random)
  const damaged = JSON.stringify(value)
  return damaged.replaceAll(/"<raw:([^"]*)>"/g, (_, raw: string) => RAW[raw] ?? 'null')
}

// lua-cjson reads some that RFC 8259 does not know, and numbers beyond a double become infinite.
const RAW: Readonly<Record<string, string>> = {
  nan: 'NaN',
  infinity: 'Infinity',
  minus: '-Infinity',
  huge: '1e999',
  hex: '0x50',
  zero: '-0',
  long: '1'.repeat(400),
  octal: '017',
  deep: `${'['.repeat(990)}${']'.repeat(990)}`,
  deeper: `${'['.repeat(1100)}${']'.repeat(1100)}`,
  abyss: `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
  surrogate: '"\\ud800"',
  nul: '"a\\u0000b"',
  twice: '1,"version":2',
}

const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  80,
  65_536,
  2 ** 31,
  2 ** 53,
  2 ** 53 - 1,
  2 ** 64,
  1e300,
  '',
  'a',
  'web',
  'WEB',
  'a.b',
  'a\nb',
  "a'b",
  '80--web',
  '-',
  '--',
  '\u0000',
  'host-b',
  'x'.repeat(64),
  'x'.repeat(100_000),
  '127.87.1.10',
  '127.87.2.10',
  '169.254.169.254',
  '0.0.0.0',
  '127.87.1.10:80',
  '127.87.1.999',
  '::',
  '::1',
  '::ffff:127.87.1.10',
  'fd00::1::2',
  '1:2:3:4:5:6:7:8:9',
  '0.0.0.0/0',
  '127.87.1.0/33',
  '::/0',
  '10.0.0.0/-1',
  'evil.example:80',
  '[::1]:80',
  '[::1]',
  [],
  {},
  [null],
  [[]],
  { 1: 'a' },
  { length: 3 },
  Array.from({ length: 2000 }, (_, index) => index + 1),
  Array.from({ length: 70 }, (_, index) => `n${String(index)}`),
  ...Object.keys(RAW).map((name) => `<raw:${name}>`),
]

function valuesChanged(value: unknown, random: Random): unknown {
  let changed = value
  for (let left = 1 + Math.floor(random() * 3); left > 0; left -= 1) changed = oneChanged(changed, random)
  return changed
}

// Walks down at random, and replaces, removes or adds a value where it stops.
function oneChanged(value: unknown, random: Random): unknown {
  const isList = Array.isArray(value)
  if (typeof value !== 'object' || value === null || random() < 0.05) return pick(random, VALUES)
  const entries: [string, unknown][] = Object.entries(value)
  const roll = random()
  const at = Math.floor(random() * entries.length)
  const [key, inner] = entries[at] ?? ['x', undefined]
  if (roll < 0.15) entries.splice(at, 1)
  else if (roll < 0.3 || entries.length === 0)
    entries.push([random() < 0.5 ? 'more' : key, pick(random, VALUES)])
  else entries[at] = [key, roll < 0.55 ? pick(random, VALUES) : oneChanged(inner, random)]
  return isList ? entries.map(([, each]) => each) : Object.fromEntries(entries)
}

function bytesChanged(text: string, random: Random): string {
  const bytes = [...Buffer.from(text, 'latin1')]
  for (let left = 1 + Math.floor(random() * 5); left > 0; left -= 1) {
    const at = Math.floor(random() * bytes.length)
    const roll = random()
    if (roll < 0.4) bytes[at] = Math.floor(random() * 256)
    else if (roll < 0.6) bytes.splice(at, 1 + Math.floor(random() * 20))
    else if (roll < 0.8) bytes.splice(at, 0, ...bytes.slice(at, at + Math.floor(random() * 40)))
    else bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8))
  }
  return Buffer.from(bytes).toString('latin1')
}

function foreign(text: string, random: Random): string {
  return pick(random, [
    () => '',
    () => 'null',
    () => '[]',
    () => '{}',
    () => '"text"',
    () => `\ufeff${text}`,
    () => `${text}${text}`,
    () => `[${text}]`,
    () => `{"version":1,"self":${text},"hosts":[${text},${text}]}`,
    () => '-----BEGIN NEBULA CERTIFICATE-----\nCkAKBmhvc3QtYRIK\n-----END NEBULA CERTIFICATE-----\n',
    () => '<!DOCTYPE html><html></html>',
    () => '\x1f\x8b\x08\0\0\0\0\0',
    () => '\0'.repeat(Math.floor(random() * 5000)),
    () => `{"version":1,"more":"${'m'.repeat(random() < 0.1 ? 9_000_000 : 900_000)}"}`,
    () => `${' '.repeat(100_000)}${text}`,
    () => text.replace('"version":1', `"version":${pick(random, ['0', '2', '1.1', '"1"', '1e0', '01'])}`),
  ])()
}
