// Sends JSON lines to a reader that may be slow or disconnect.

import type { ServerResponse } from 'node:http'

import { startDeadline } from '../exec/deadline.ts'

// A reader that takes nothing for this long is considered stuck; until then the
// producer holds the items back.
const STUCK_MS = 10_000

/** Sends each item as one line until the items end, the signal is aborted or the reader is stuck. */
export async function streamLines(
  response: ServerResponse,
  items: AsyncIterable<unknown>,
  signal: AbortSignal,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/jsonl', 'flatnet-api': '1' })
  response.flushHeaders()
  const iterator = items[Symbol.asyncIterator]()
  const gone = once(signal)
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), gone])
      if (next === undefined || next.done === true) break
      if (!response.write(`${JSON.stringify(next.value)}\n`) && !(await drained(response, gone))) break
    }
  } finally {
    // Release the producer for the next client, however the stream ended. Do not wait: a generator that is
    // waiting for its next event returns only when that event comes.
    iterator.return?.().catch(() => undefined)
    response.end()
  }
}

function once(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}

async function drained(response: ServerResponse, gone: Promise<undefined>): Promise<boolean> {
  let clear: () => void = () => undefined
  const ready = new Promise<true>((resolve) => response.once('drain', () => resolve(true)))
  const stuck = new Promise<false>((resolve) => {
    clear = startDeadline(STUCK_MS, () => resolve(false)).clear
  })
  const outcome = await Promise.race([ready, stuck, gone])
  clear()
  if (outcome === false) response.destroy()
  return outcome === true
}
