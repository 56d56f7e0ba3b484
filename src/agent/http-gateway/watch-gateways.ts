// Watches the HTTP Gateways of all other hosts: asks each over the LAN to prove itself, on a connection that
// stays open, so that the end of an nginx is noticed when it happens.

import { Agent } from 'node:http'
import type { Socket } from 'node:net'
import { type Contact, isUsable, newContact, nextContact } from '../../http-gateway/recognition.ts'
import { askHello, type Question } from './ask-hello.ts'

/** Another host with an HTTP Gateway. `address` undefined: what the host tells is not known now. */
export type WatchedHost = Omit<Question, 'address'> & { readonly address: string | undefined }

export interface GatewayWatch {
  /** By overlay address. */
  readonly contacts: () => ReadonlyMap<string, Contact & { readonly address: string }>
  /** Whether requests may be sent to the HTTP Gateway of this host. */
  readonly isUsable: (overlay: string) => boolean
  readonly stop: () => void
}

interface WatchParts {
  /** The hosts that have an HTTP Gateway, or may have one. Looked at in every tick. */
  readonly hosts: () => readonly WatchedHost[]
  /** A Gateway came, went or has another state. */
  readonly onChange: () => void
  readonly now?: () => string
}

const TICK_MS = 500
const ASK_EVERY_MS = 2000
// Ten questions a second at most. With more than twenty hosts, each is asked less often.
const MOST_PER_TICK = 5

interface Watched {
  question: Question
  contact: Contact
  agent: Agent
  socket: Socket | undefined
  isBusy: boolean
  /** Monotonic milliseconds. */
  dueAt: number
}

export function watchGateways({ hosts, onChange, now = isoNow }: WatchParts): GatewayWatch {
  const watched = new Map<string, Watched>()

  const forget = (overlay: string): void => {
    const entry = watched.get(overlay)
    watched.delete(overlay)
    entry?.agent.destroy()
  }
  const isCurrent = (entry: Watched): boolean => watched.get(entry.question.overlay) === entry

  const update = (): void => {
    const present = hosts()
    const wanted = new Set(present.map(({ overlay }) => overlay))
    for (const overlay of watched.keys()) {
      if (wanted.has(overlay)) continue
      forget(overlay)
      onChange()
    }
    for (const { overlay, key, address } of present) {
      const entry = watched.get(overlay)
      if (entry !== undefined && (address === undefined || address === entry.question.address)) {
        entry.question = { ...entry.question, key }
        continue
      }
      if (address === undefined) continue
      forget(overlay)
      watched.set(overlay, newWatched({ overlay, key, address }, now()))
      onChange()
    }
  }

  const ask = async (entry: Watched): Promise<void> => {
    entry.isBusy = true
    entry.dueAt = performance.now() + ASK_EVERY_MS
    const heard = await askHello(entry.question, entry.agent, (socket) => follow(entry, socket))
    entry.isBusy = false
    if (!isCurrent(entry)) return
    const { contact } = entry
    entry.contact = nextContact(contact, heard, now())
    // A lone miss is judged by a second question, not by the next round.
    if (entry.contact.misses > contact.misses && entry.contact.state !== 'down') void ask(entry)
    if (entry.contact.state !== contact.state) onChange()
  }
  const follow = (entry: Watched, socket: Socket): void => {
    if (entry.socket === socket) return
    entry.socket = socket
    socket.once('close', () => {
      if (!entry.isBusy && isCurrent(entry) && entry.contact.state === 'up') void ask(entry)
    })
  }

  const timer = setInterval(() => {
    update()
    const at = performance.now()
    const due = [...watched.values()].filter(({ isBusy, dueAt }) => !isBusy && dueAt <= at)
    due.sort((a, b) => a.dueAt - b.dueAt)
    for (const entry of due.slice(0, MOST_PER_TICK)) void ask(entry)
  }, TICK_MS)
  return {
    contacts: () =>
      new Map(
        [...watched].map(([overlay, { contact, question }]) => [
          overlay,
          { ...contact, address: question.address },
        ]),
      ),
    isUsable: (overlay) => {
      const entry = watched.get(overlay)
      return entry === undefined || isUsable(entry.contact)
    },
    stop: () => {
      clearInterval(timer)
      for (const overlay of watched.keys()) forget(overlay)
    },
  }
}

function newWatched(question: Question, now: string): Watched {
  return {
    question,
    contact: newContact(now),
    agent: new Agent({ keepAlive: true, maxSockets: 1 }),
    socket: undefined,
    isBusy: false,
    dueAt: 0,
  }
}

function isoNow(): string {
  return new Date().toISOString()
}
