import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { mock } from 'node:test'
import t from 'tap'

import { streamLines } from '../../../src/api/stream.ts'

/** Returns an endless series of large lines, and whether its source was ended. */
function endless(): { readonly items: AsyncIterable<string>; readonly ended: Promise<void> } {
  let end: () => void = () => undefined
  const ended = new Promise<void>((resolve) => (end = resolve))
  async function* make(): AsyncIterable<string> {
    try {
      for (;;) yield 'x'.repeat(1_000_000)
    } finally {
      end()
    }
  }
  return { items: make(), ended }
}

t.test('a reader that stops reading does not keep the source alive', async (t) => {
  const { items, ended } = endless()
  let isMocked = false
  const server = createServer((_, response) => {
    mock.timers.enable({ apis: ['setTimeout'] })
    isMocked = true
    void streamLines(response, items, new AbortController().signal)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  t.teardown(() => {
    mock.timers.reset()
    socket.destroy()
    server.close()
  })
  socket.on('error', () => undefined)
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  socket.pause()
  // The limit for a reader starts when something waits for it.
  const clock = setInterval(() => {
    if (isMocked) mock.timers.tick(10_000)
  }, 20)
  t.teardown(() => clearInterval(clock))
  await ended
  t.pass('it was let go')
})
