// Traffic that continues while paths change: a ping and one TCP connection, from container to container.
import { waitUntil } from '../lab/run.ts'
import type { Web } from './web.ts'
import { NARRATOR } from './narrator.ts'

export interface Traffic {
  /** Returns when that many more lines have arrived through the TCP connection. */
  reaches(when: string, moreLines: number): Promise<void>
  /** Ends both and returns the counts: packets of the ping, lines of the connection. */
  end(): Promise<{ sent: number; received: number; linesSent: number; linesReceived: number }>
}

const PORT = '9000'

export async function startTraffic(from: Web, to: Web): Promise<Traffic> {
  const inFrom = (script: string): string[] => ['podman', 'exec', from.name, 'sh', '-c', script]
  const lines = async (web: Web, file: string): Promise<number> => {
    const { stdout } = await web.host.exec(['podman', 'exec', web.name, 'sh', '-c', `cat ${file} | wc -l`])
    return Number(stdout)
  }
  // One listener for one connection: if it broke, a second one would find no listener.
  // Its input must stay open, or nc would exit.
  await to.host.exec([
    'podman',
    'exec',
    '-d',
    to.name,
    'sh',
    '-c',
    `tail -f /dev/null | nc -l -p ${PORT} > /tmp/received`,
  ])
  const source = 'while [ ! -e /tmp/stop ]; do echo line; sleep 0.1; done'
  const stream = `${source} | tee /tmp/sent | nc ${to.address} ${PORT}`
  const streaming = from.host.start(inFrom(stream))
  const pinging = from.host.start(inFrom(`ping -i 0.2 ${to.address} > /tmp/ping & echo $! > /tmp/pid; wait`))
  NARRATOR.say(
    `${from.name} pings ${to.name} five times a second and sends ten lines a second to its port ${PORT}`,
  )
  return {
    reaches: async (when, moreLines) => {
      const goal = (await lines(to, '/tmp/received')) + moreLines
      await waitUntil(`${goal} lines ${when}`, 30_000, async () => (await lines(to, '/tmp/received')) >= goal)
    },
    end: async () => {
      await from.host.exec(inFrom('touch /tmp/stop; kill -INT "$(cat /tmp/pid)"'))
      const linesSent = await settled(() => lines(from, '/tmp/sent'))
      const linesReceived = await settled(() => lines(to, '/tmp/received'))
      const { stdout } = await from.host.exec(inFrom('cat /tmp/ping'))
      const [, sent = '0', received = '0'] =
        /(\d+) packets transmitted, (\d+) packets received/.exec(stdout) ?? []
      for (const running of [streaming, pinging]) running.kill()
      await Promise.all([streaming, pinging])
      return { sent: Number(sent), received: Number(received), linesSent, linesReceived }
    },
  }
}

// The same number twice, a second apart: nothing is in flight any more.
async function settled(ask: () => Promise<number>): Promise<number> {
  for (let before = -1; ;) {
    const now = await ask()
    if (now === before) return now
    before = now
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}
