// The drawing: this host in the middle, the others around it, a line to each by the state of its path.

import type { OfficeDocument, OfficeHost, OfficePath } from '../office.ts'
import { drawn, element, found } from './dom.ts'
import { say } from './words.ts'

// Hosts of one ring. A further ring lies outside.
const PER_RING = { wide: 12, narrow: 6 }
const WIDTH = { wide: 700, narrow: 340 }
const RING = 130
const NODE = 11
const LONGEST = 16

/** Where the drawing has no more room than a phone gives. */
export const narrow = matchMedia('(max-width: 40rem)')

interface Spot {
  readonly x: number
  readonly y: number
}

export function showDrawing({ host, hosts }: OfficeDocument): void {
  const others = hosts.slice(1)
  found('drawing').hidden = others.length === 0
  const width = WIDTH[sizeName()]
  const height = 2 * (RING * Math.max(1, Math.ceil(others.length / PER_RING[sizeName()])) + 50)
  const middle: Spot = { x: width / 2, y: height / 2 }
  const spots = others.map((_, at) => spotOf(at, others.length, middle))
  const label = say('picture', { host })
  // A drawing for the eyes and the pointer; the cards say the same to all others.
  const svg = drawn('svg', {
    viewBox: `0 0 ${String(width)} ${String(height)}`,
    role: 'group',
    'aria-label': label,
  })
  for (const [at, each] of others.entries()) svg.append(edge(middle, spots[at] ?? middle, each.path))
  for (const [at, each] of others.entries()) svg.append(node(each, spots[at] ?? middle, middle))
  const [own] = hosts
  if (own !== undefined) svg.append(node(own, middle, middle))
  found('picture').replaceChildren(svg)
  found('legend').replaceChildren(...(['p2p', 'gateway', 'silent'] as const).map(legend))
}

function sizeName(): 'wide' | 'narrow' {
  return narrow.matches ? 'narrow' : 'wide'
}

function spotOf(at: number, count: number, middle: Spot): Spot {
  const perRing = PER_RING[sizeName()]
  const ring = Math.floor(at / perRing)
  const onRing = Math.min(perRing, count - ring * perRing)
  // Wider than high, for the names, and each ring turned a little, so that lines pass between the nodes.
  const angle = (2 * Math.PI * (at % perRing)) / onRing - Math.PI / 2 + ring * 0.26
  const radius = RING * (ring + 1)
  const stretch = Math.min(2, (middle.x - 60) / radius)
  return { x: middle.x + radius * stretch * Math.cos(angle), y: middle.y + radius * Math.sin(angle) }
}

function edge(from: Spot, to: Spot, path: OfficePath): SVGElement {
  const [x1, y1, x2, y2] = [from.x, from.y, to.x, to.y].map((each) => each.toFixed(1))
  return drawn('line', { class: `edge ${path}`, x1: x1 ?? '', y1: y1 ?? '', x2: x2 ?? '', y2: y2 ?? '' })
}

function node({ host, path }: OfficeHost, { x, y }: Spot, middle: Spot): SVGElement {
  const at = { cx: x.toFixed(1), cy: y.toFixed(1), r: String(NODE) }
  const text = host.length > LONGEST ? `${host.slice(0, LONGEST - 1)}…` : host
  // On the side that has no line.
  const textAt = y < middle.y ? y - NODE - 7 : y + NODE + 17
  const link = drawn(
    'a',
    { href: `#host-${host}`, 'aria-label': say('openHost', { host, path: say(path) }) },
    drawn('circle', at),
    drawn('text', { x: x.toFixed(1), y: textAt.toFixed(1) }, text),
  )
  link.addEventListener('click', () => openHistory(host))
  return link
}

function openHistory(host: string): void {
  const card = document.getElementById(`host-${host}`)
  if (card === null) return
  card.querySelector('details')?.setAttribute('open', '')
  card.hidden = false
}

function legend(path: OfficePath): HTMLElement {
  const line = drawn('line', { class: `edge ${path}`, x1: '0', y1: '6', x2: '40', y2: '6' })
  const sample = drawn('svg', { viewBox: '0 0 40 12', 'aria-hidden': 'true' }, line)
  return element('li', {}, sample, say(path))
}
