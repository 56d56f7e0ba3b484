// JSON lines to a reader that may be slow or gone.

import type { ServerResponse } from 'node:http'

// A reader that takes nothing for so long has stopped for good; until then the items wait with who makes them.
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
    // However this ended: what makes the items must be free for the next one who asks. Not waited for, because a generator
    // that waits for its next event ends only once that comes.
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
  let timer: NodeJS.Timeout | undefined
  const ready = new Promise<true>((resolve) => response.once('drain', () => resolve(true)))
  const stuck = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), STUCK_MS)
  })
  const outcome = await Promise.race([ready, stuck, gone])
  clearTimeout(timer)
  if (outcome === false) response.destroy()
  return outcome === true
}
