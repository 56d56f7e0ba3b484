// The drawing: this host in the middle, the others around it, a line to each by the state of its path.

import type { OfficeDocument, OfficeHost, OfficePath } from '../office.ts'
import { chooseDrawn, type Crowd } from './crowd.ts'
import { drawn, element, found } from './dom.ts'
import { say } from './words.ts'

// Nodes of one ring. A second ring lies outside; a third would push the names out of the window.
const PER_RING = { wide: 12, narrow: 6 }
const RINGS = 2
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
  const perRing = PER_RING[sizeName()]
  const { single, crowds } = chooseDrawn(others, RINGS * perRing)
  const count = single.length + crowds.length
  const width = WIDTH[sizeName()]
  const height = 2 * (RING * Math.max(1, Math.ceil(count / perRing)) + 50)
  const middle: Spot = { x: width / 2, y: height / 2 }
  const edges: SVGElement[] = []
  const nodes: SVGElement[] = []
  for (const [at, each] of [...single, ...crowds].entries()) {
    const spot = spotOf(at, count, middle)
    edges.push(edge(middle, spot, each.path))
    nodes.push('count' in each ? crowdNode(each, spot, middle) : hostNode(each, spot, middle))
  }
  const [own] = hosts
  if (own !== undefined) nodes.push(hostNode(own, middle, middle))
  // A drawing for the eyes and the pointer; the cards say the same to all others.
  const svg = drawn(
    'svg',
    {
      viewBox: `0 0 ${String(width)} ${String(height)}`,
      role: 'group',
      'aria-label': say('picture', { host }),
    },
    ...edges,
    ...nodes,
  )
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

function hostNode({ host, path }: OfficeHost, spot: Spot, middle: Spot): SVGElement {
  const text = host.length > LONGEST ? `${host.slice(0, LONGEST - 1)}…` : host
  const says = say('openHost', { host, path: say(path) })
  const link = node(text, { href: `#host-${host}`, 'aria-label': says }, spot, middle)
  link.addEventListener('click', () => openHistory(host))
  return link
}

function crowdNode({ path, count }: Crowd, spot: Spot, middle: Spot): SVGElement {
  const more = say('more', { count: String(count) })
  const says = say('openHost', { host: more, path: say(path) })
  return node(more, { href: '#hosts', class: 'crowd', 'aria-label': says }, spot, middle)
}

function node(
  text: string,
  attributes: Readonly<Record<string, string>>,
  { x, y }: Spot,
  middle: Spot,
): SVGElement {
  // On the side that has no line.
  const textAt = y < middle.y ? y - NODE - 7 : y + NODE + 17
  return drawn(
    'a',
    attributes,
    drawn('circle', { cx: x.toFixed(1), cy: y.toFixed(1), r: String(NODE) }),
    drawn('text', { x: x.toFixed(1), y: textAt.toFixed(1) }, text),
  )
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
