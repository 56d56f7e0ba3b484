// The page at the bare address: asks this HTTP Gateway for the office once a second and shows what has
// changed.

import type { OfficeDocument } from '../office.ts'
import { filterCards, showCards } from './cards.ts'
import { element, found } from './dom.ts'
import { narrow, showDrawing } from './drawing.ts'
import { tryNames } from './links.ts'
import { type Language, say, setLanguage, timeText, type Word } from './words.ts'

const EVERY_MS = 1000
// The agent speaks to nginx every five seconds.
const LONG_SILENCE_SECONDS = 30
const LANGUAGE_KEY = 'flatnet-language'

let office: OfficeDocument | undefined
let etag = ''
let heardAt = ''
let trouble: (() => string) | undefined

const search = found('search')

function words(): readonly string[] {
  const text = search instanceof HTMLInputElement ? search.value : ''
  return text.toLowerCase().split(/\s+/).filter(Boolean)
}

function showFound(): void {
  if (office === undefined) return
  const all = office.hosts.reduce((sum, { containers }) => sum + containers.length, 0)
  const shown = filterCards(office.hosts, words())
  found('found').textContent =
    all === 0 ? say('noneAtAll') : say('found', { shown: String(shown), all: String(all) })
}

function showOffice(isAnew = false): void {
  if (office === undefined) return
  const { host, hosts, leftOut } = office
  found('own').textContent = host
  document.title = `flatnet: ${host}`
  showCards(hosts, isAnew)
  showFound()
  showDrawing(office)
  found('left-out').hidden = leftOut.length === 0
  found('left-out-list').replaceChildren(
    ...leftOut.map((each) => element('li', {}, `${each.host}: `, element('span', { lang: 'en' }, each.what))),
  )
  found('hosts').hidden = false
  search.parentElement?.removeAttribute('hidden')
}

function showTrouble(next: (() => string) | undefined): void {
  trouble = next
  const line = found('trouble')
  const text = next?.() ?? ''
  // The same words again would be read aloud again.
  if (line.textContent !== text) line.textContent = text
  line.hidden = next === undefined
}

async function ask(): Promise<void> {
  const answer = await fetch('/api/v1/office', {
    cache: 'no-store',
    headers: { accept: 'application/json', ...(etag !== '' && { 'if-none-match': etag }) },
    signal: AbortSignal.timeout(5000),
  })
  if (answer.status === 503) return showTrouble(() => say('notTold'))
  if (answer.status !== 200 && answer.status !== 304) throw new Error(String(answer.status))
  heardAt = new Date().toISOString()
  if (answer.status === 200) {
    office = (await answer.json()) as OfficeDocument
    etag = answer.headers.get('etag') ?? ''
    showOffice()
  }
  const silent = Number(answer.headers.get('x-flatnet-silent') ?? 0)
  // To the minute, so that the line does not change every second.
  const seconds = String(Math.floor(silent / 60) * 60 || LONG_SILENCE_SECONDS)
  showTrouble(silent > LONG_SILENCE_SECONDS ? () => say('agentSilent', { seconds }) : undefined)
}

async function poll(): Promise<void> {
  if (!document.hidden) {
    try {
      await ask()
    } catch {
      const time = heardAt
      showTrouble(() => (time === '' ? say('notTold') : say('lost', { time: timeText(time) })))
    }
  }
  setTimeout(() => void poll(), EVERY_MS)
}

function speak(language: Language): void {
  setLanguage(language)
  document.documentElement.lang = language
  for (const each of document.querySelectorAll<HTMLElement>('[data-says]'))
    each.textContent = say(each.dataset['says'] as Word)
  for (const each of ['en', 'ja'] as const)
    found(`to-${each}`).setAttribute('aria-pressed', String(each === language))
  showOffice(true)
  showTrouble(trouble)
}

// Storage may be forbidden; the language is then the browser's at each visit.
function remembered(): string | null {
  try {
    return localStorage.getItem(LANGUAGE_KEY)
  } catch {
    return null
  }
}

function remember(language: Language): void {
  try {
    localStorage.setItem(LANGUAGE_KEY, language)
  } catch {
    // The switch still works for this visit.
  }
}

for (const each of ['en', 'ja'] as const)
  found(`to-${each}`).addEventListener('click', () => {
    remember(each)
    speak(each)
  })
search.addEventListener('input', showFound)
narrow.addEventListener('change', () => {
  if (office !== undefined) showDrawing(office)
})
speak((remembered() ?? navigator.language).startsWith('ja') ? 'ja' : 'en')
void poll().then(async () => {
  if (office !== undefined && (await tryNames(office.domain))) showOffice(true)
})
