// What odd clients send over one connection: requests with damaged lines, lengths and chunks, names that no
// container has, floods of headers, second requests in bodies, halves, and bytes that are no HTTP.

import { pick, type Random, randomFrom } from '../random.ts'
import { framing } from './framing.ts'

/** Texts that name things of the HTTP Gateway under attack. */
export interface Targets {
  /** Of its listener. */
  readonly port: number
  /** Of a container. */
  readonly containerPort: number
  /** ADDRESS:PORT of listeners that no request may reach. */
  readonly traps: readonly string[]
}

/** Returns the bytes of one connection, one character each; the same for the same seed. */
export function oddConnection(targets: Targets, seed: number): string {
  const random = randomFrom(seed)
  if (random() < 0.02) return noise(random)
  const count = random() < 0.6 ? 1 : 1 + Math.floor(random() * 3)
  const text = Array.from({ length: count }, () => request(targets, random)).join('')
  const roll = random()
  // Half a request, and single bytes that changed on the way.
  if (roll < 0.1) return text.slice(0, Math.floor(random() * text.length))
  return roll < 0.25 ? flipped(text, random) : text
}

function request(targets: Targets, random: Random): string {
  if (random() < 0.5) return fairRequest(targets, random)
  const end = random() < 0.95 ? '\r\n' : pick(random, ['\n', '\r', '\r\r\n', '\n\r'])
  const [headers, body] = framing(random, () => request(targets, random))
  const host = random() < 0.95 ? [`Host: ${hostName(targets, random)}`] : hosts(targets, random)
  const line = requestLine(targets, random)
  const others = Array.from({ length: Math.floor(random() * 4) }, () => header(targets, random))
  const flood = random() < 0.02 ? floodOf(random) : []
  return [line, ...shuffled(random, [...host, ...headers, ...others, ...flood]), '', body].join(end)
}

// Everything is right but the lengths, the headers and the body, so most of these reach a container.
function fairRequest(targets: Targets, random: Random): string {
  const name = pick(random, ['web', 'web', 'shop', 'many'])
  const isNamed = random() < 0.7
  const host = isNamed ? `${name}.flatnet.internal` : `127.0.0.1:${String(targets.port)}`
  const [headers, body] = framing(random, () => request(targets, random))
  const others = random() < 0.3 ? [header(targets, random)] : []
  const line = `${pick(random, METHODS)} ${isNamed ? '' : `/~${name}`}/page HTTP/1.1`
  return [line, ...shuffled(random, [`Host: ${host}`, ...headers, ...others]), '', body].join('\r\n')
}

const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH']
const ODD_METHODS = ['TRACE', 'CONNECT', 'PRI', 'get', 'G\0ET', 'PROPFIND', 'X'.repeat(300), '', ' GET']
const VERSIONS = ['HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/1.9', 'http/1.1', 'HTTP/11', 'HTTP/1.1 ', '', 'X']

function requestLine(targets: Targets, random: Random): string {
  const method = pick(random, random() < 0.9 ? METHODS : ODD_METHODS)
  const version = random() < 0.9 ? 'HTTP/1.1' : pick(random, VERSIONS)
  const space = random() < 0.97 ? ' ' : pick(random, ['  ', '\t', '', '\x0b'])
  return `${method}${space}${path(targets, random)}${space}${version}`
}

const NAMES = ['web', 'shop', 'many', 'none', 'WEB', '8080--web', '0--web', '99999--web', '--', 'a--b', '-']
const PATHS = [
  '/',
  '/a?b=c',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/../../etc/passwd',
  '/a/../b',
  '//evil.example/',
  '/\\evil',
  '/%00',
  '/%',
  '/%zz',
  '/~',
  '/~/',
  '/;/',
  '/?',
  '/#',
  '*',
  '?',
  '/metrics',
  '/v1/hosts',
  '/api/v1/gateways',
  '/api/v1/office',
  '/api/v1/hello?key=0123456789abcdef&nonce=0123456789abcdef0123456789abcdef',
  '/flatnet/page.js',
  '/flatnet/../page.js',
  '/\x80\xff',
  '/a b',
  '/\x01',
  'web',
]
const RESTS = [
  '',
  '/',
  '/x',
  '/..',
  '/../x',
  '/%2e%2e/',
  '/..%2f',
  '//evil',
  '?a',
  '#',
  '\\',
  '/~web/',
  ';',
  '@',
]

function path(targets: Targets, random: Random): string {
  const roll = random()
  if (roll < 0.3) return pick(random, PATHS)
  if (roll < 0.65) {
    const at = random() < 0.5 ? '' : pick(random, ['@host-a', '@host-b', '@', '@host-c', '@host-a@host-b'])
    return `/~${pick(random, NAMES)}${at}${pick(random, RESTS)}`
  }
  if (roll < 0.75)
    return `${pick(random, ['http://', 'https://', 'HTTP://', 'ws://', '//'])}${hostName(targets, random)}/x`
  if (roll < 0.77) return `/${'a'.repeat(Math.floor(random() * 70_000))}`
  if (roll < 0.8) return `/${noise(random).slice(0, 40)}`
  return '/page'
}

function hostName(targets: Targets, random: Random): string {
  const roll = random()
  if (roll < 0.5)
    return pick(random, ['web', 'shop', 'many', 'web.host-a', 'shop.host-b']) + '.flatnet.internal'
  if (roll < 0.7) return `127.0.0.1:${String(targets.port)}`
  const trap = pick(random, targets.traps)
  return pick(random, [
    trap,
    trap.replace(':', '.flatnet.internal:'),
    `${trap.split(':')[1] ?? ''}--web.flatnet.internal`,
    `${String(targets.containerPort)}--web.flatnet.internal`,
    '169.254.169.254',
    '[::1]:80',
    '[::1',
    'localhost',
    'web.localhost',
    'flatnet.internal',
    'attacker.example',
    'web.flatnet.internal.attacker.example',
    'web.flatnet.internal:80:80',
    'web.flatnet.internal:99999999999999999999',
    'user@web.flatnet.internal',
    'web.flatnet.internal#',
    'web.flatnet.internal/x',
    'web.flatnet.internal\t',
    '.',
    '..',
    'web..flatnet.internal',
    '%77eb.flatnet.internal',
    "we'b.flatnet.internal",
    'web.flatnet.internal, shop.flatnet.internal',
    '0x7f.1',
    '2130706433',
    `${'a'.repeat(64)}.flatnet.internal`,
    `${'a.'.repeat(130)}flatnet.internal`,
    'w\u00e9b.flatnet.internal',
    '',
  ])
}

function hosts(targets: Targets, random: Random): readonly string[] {
  const count = Math.floor(random() * 4)
  return Array.from({ length: count }, () => `Host: ${hostName(targets, random)}`)
}

const HOP_TARGETS = ['web@host-a', 'shop@host-b', '9--web@host-a', '', '@', '0--web@host-a']

function header(targets: Targets, random: Random): string {
  const local = `127.0.0.1:${String(targets.port)}`
  return pick(random, [
    'Connection: close',
    'Connection: close',
    'Connection: keep-alive, X-Forwarded-For, X-Request-ID',
    'Connection: Upgrade',
    `Upgrade: ${pick(random, ['h2c', 'websocket', 'WebSocket', 'websocket, h2c', '', 'TLS/1.0'])}`,
    `X-Flatnet-Hop: ${pick(random, ['host-b', 'host-a', '', 'x'.repeat(300), '\xff'])}`,
    `X_Flatnet_Hop: host-b`,
    `X-Flatnet-Target: ${pick(random, HOP_TARGETS)}`,
    'X-Request-ID: forged',
    'X-Forwarded-For: 169.254.169.254',
    'X-Forwarded-Host: attacker.example',
    'X-Real-IP: 1.2.3.4',
    'Forwarded: for=evil',
    `Referer: ${pick(random, [`http://${local}/~web/a`, `http://${local}/~`, 'http://evil/~web/', 'x', ''])}`,
    `Accept: ${pick(random, ['text/html', 'application/json', 'text/event-stream', '*/*', '\xff', ''])}`,
    `Accept-Language: ${pick(random, ['ja', 'en', ' ja;q=1', '\xe3\x81'])}`,
    `If-None-Match: ${pick(random, ['"a"', 'W/"a"', '*', ''])}`,
    `Cookie: ${'c=1; '.repeat(Math.floor(random() * 20))}`,
    'Range: bytes=0-,-1',
    'TE: trailers, chunked',
    'Proxy: http://evil/',
    'NoColon',
    ': empty name',
    'X-Null: a\0b',
    'X-CR: a\rb',
    `X-Long: ${'l'.repeat(Math.floor(random() * 20_000))}`,
    `X-\xff: \xfe`,
    ' folded: line',
  ])
}

function floodOf(random: Random): readonly string[] {
  const [count, length] = [Math.floor(random() * 2000), Math.floor(random() * 200)]
  return Array.from({ length: count }, (_, index) => `X-${String(index)}: ${'f'.repeat(length)}`)
}

function flipped(text: string, random: Random): string {
  const bytes = Buffer.from(text, 'latin1')
  for (let left = 1 + Math.floor(random() * 4); left > 0; left -= 1) {
    const at = Math.floor(random() * bytes.length)
    bytes[at] =
      random() < 0.5 ? Math.floor(random() * 256) : (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8))
  }
  return bytes.toString('latin1')
}

function noise(random: Random): string {
  const length = Math.floor(random() * 300)
  return Array.from({ length }, () => String.fromCharCode(Math.floor(random() * 256))).join('')
}

function shuffled<Item>(random: Random, items: readonly Item[]): readonly Item[] {
  return items
    .map((item) => [random(), item] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, item]) => item)
}
