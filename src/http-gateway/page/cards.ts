// The list: one card for each host, with how it is reached and links to its containers.

import type { OfficeContainer, OfficeHost } from '../office.ts'
import { element, found } from './dom.ts'
import { linkTo } from './links.ts'
import { reasonText, say, timeText } from './words.ts'

// The card that shows a host, and from what it was made.
const shown = new Map<string, { readonly made: string; readonly card: HTMLElement }>()

/** Shows these hosts. Cards that would say the same stay, with what is open and focused in them. */
export function showCards(hosts: readonly OfficeHost[], isAnew: boolean): void {
  const list = found('list')
  const focused = document.activeElement?.id
  const cards = hosts.map((host) => {
    const made = JSON.stringify(host)
    const before = shown.get(host.host)
    if (!isAnew && before?.made === made) return before.card
    const card = makeCard(host)
    const wasOpen = before?.card.querySelector('details')?.open === true
    if (wasOpen) card.querySelector('details')?.setAttribute('open', '')
    shown.set(host.host, { made, card })
    return card
  })
  const names = new Set(hosts.map(({ host }) => host))
  for (const host of shown.keys()) if (!names.has(host)) shown.delete(host)
  if (cards.length === list.children.length && cards.every((card, at) => list.children[at] === card)) return
  list.replaceChildren(...cards)
  if (focused !== undefined && focused !== '' && document.activeElement?.id !== focused)
    document.getElementById(focused)?.focus()
}

/** Shows only what fits the words, on hosts or containers. @returns how many containers are shown */
export function filterCards(hosts: readonly OfficeHost[], words: readonly string[]): number {
  let count = 0
  for (const { host, containers } of hosts) {
    const card = shown.get(host)?.card
    if (card === undefined) continue
    const rows = card.querySelectorAll<HTMLElement>('.container')
    let fitting = 0
    for (const [at, { names }] of containers.entries()) {
      const isFitting = words.every(
        (word) => host.includes(word) || names.some((name) => name.includes(word)),
      )
      const row = rows[at]
      if (row !== undefined) row.hidden = !isFitting
      if (isFitting) fitting += 1
    }
    card.hidden = fitting === 0 && !words.every((word) => host.includes(word))
    count += fitting
  }
  return count
}

function makeCard(host: OfficeHost): HTMLElement {
  const id = `host-${host.host}`
  const card = element('article', { class: 'host', id, 'aria-labelledby': `${id}-title`, tabindex: '-1' })
  card.append(
    element('h3', { id: `${id}-title` }, host.host),
    element('p', {}, element('span', { class: `path ${host.path}` }, say(host.path)), ` ${sinceText(host)}`),
    element('p', {}, whyText(host)),
  )
  if (host.detail !== '') card.append(element('p', { lang: 'en' }, host.detail))
  if (host.path === 'silent') card.append(element('p', {}, say('viaLan')))
  if (host.gateway !== null && host.gateway.address !== null)
    card.append(element('p', {}, gatewayText(host.gateway)))
  const rows = host.containers.map((container) => makeRow(host.host, container))
  card.append(rows.length === 0 ? element('p', {}, say('noContainers')) : element('ul', {}, ...rows))
  if (host.changes.length > 0) card.append(makeHistory(host))
  return card
}

function sinceText({ since }: OfficeHost): string {
  return since === null ? '' : say('since', { time: timeText(since) })
}

function whyText({ reason }: OfficeHost): string {
  if (reason === null) return say('here')
  return say('reason', { reason: reasonText(reason) })
}

function gatewayText({ address, state }: NonNullable<OfficeHost['gateway']>): string {
  const places = { address: address ?? '' }
  if (state === 'down') return say('gatewayDown', places)
  if (state === 'stranger') return say('gatewayStranger', places)
  return say(state === 'unknown' ? 'gatewayUnknown' : 'gatewayUp', places)
}

function makeRow(host: string, container: OfficeContainer): HTMLElement {
  const [name = '', ...others] = container.names
  const row = element('li', { class: 'container' })
  if (container.port === null) {
    row.append(element('span', { class: 'path' }, name), ` ${say('ports')}`)
    for (const port of container.ports) row.append(' ', makeLink(host, container, port))
  } else row.append(makeLink(host, container))
  if (others.length > 0)
    row.append(' ', element('span', { class: 'also' }, say('also', { names: others.join(', ') })))
  return row
}

function makeLink(host: string, container: OfficeContainer, port?: number): HTMLElement {
  const [name = ''] = container.names
  const id = `open-${host}-${name}-${String(port ?? '')}`
  const label = port === undefined ? name : String(port)
  return element(
    'a',
    {
      href: linkTo(host, container, port),
      id,
      ...(port !== undefined && { 'aria-label': `${name}, ${label}` }),
    },
    label,
  )
}

function makeHistory({ changes }: OfficeHost): HTMLElement {
  const rows = changes.map(({ at, to, reason }) =>
    element('li', {}, say('change', { time: timeText(at), path: say(to), reason: reasonText(reason) })),
  )
  return element('details', {}, element('summary', {}, say('history')), element('ol', {}, ...rows))
}
