// Hostile messages to an agent: it refuses and counts them, logs each kind once, and changes nothing.
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { addContainer } from '../../../scripts/bench/failover/container.ts'
import { startAgent } from '../../../scripts/lab/host/agent.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import type { Running } from '../../../scripts/lab/run.ts'
import { waitUntil } from '../../../scripts/lab/run.ts'
import { upLab } from '../../../scripts/lab/up.ts'
import { type Recorded, recordDatagrams, sendDatagrams } from '../../fixtures/traffic/datagrams.ts'
import {
  flatnet,
  historyOf,
  logOf,
  metricsText,
  pathsOf,
  PATIENCE_MS,
  SHORT_WAITS,
  sumOf,
  waitForMeasured,
  waitForPath,
  writeSettings,
} from '../../fixtures/lab/agents.ts'

const PORT = 4280
const REFUSED = 'flatnet_probe_refused_total'

t.test('three hosts, one of them hostile', { skip: whyNoLab() }, async (t) => {
  const lab = await upLab({ name: `tagentfoe${process.pid}`, hosts: 3, podman: false })
  t.teardown(() => lab.down())
  const [a, b, c] = [lab.host('a'), lab.host('b'), lab.host('c')]
  for (const { files } of [a, b]) await writeSettings(files, { agent: SHORT_WAITS })
  await Promise.all([startAgent(a), startAgent(b)])
  await waitForMeasured(lab)
  const container = await addContainer(a, 'foe-a')
  const begun = Date.now()
  const refused = async (why: string): Promise<number> =>
    sumOf(await metricsText(a, '127.0.0.1'), REFUSED, `why="${why}"`)
  const rises = async (why: string, least: number, from: number): Promise<void> =>
    waitUntil(
      `${String(least)} refused as ${why}`,
      PATIENCE_MS,
      async () => (await refused(why)) >= from + least,
    )
  const recorded = await recordDatagrams(a, PORT, (soFar) => {
    return ['10.87.1.2', '10.86.1.1'].every((to) => ofKind(soFar, 2, to).length > 1)
  })
  const [probe] = ofKind(recorded, 1, '10.87.1.2')
  const [echo] = ofKind(recorded, 2, '10.87.1.2')
  const [tunnelEcho] = ofKind(recorded, 2, '10.86.1.1')
  if (probe === undefined || echo === undefined || tunnelEcho === undefined)
    throw new Error('no datagram was recorded')
  const patched = (source: Buffer, at: number, bytes: Buffer): Buffer =>
    Buffer.concat([source.subarray(0, at), bytes, source.subarray(at + bytes.length)])

  const times = (datagram: Buffer): readonly Buffer[] => Array.from({ length: 10 }, () => datagram)
  const cases: readonly { readonly why: string; readonly datagrams: readonly Buffer[] }[] = [
    { why: 'garbage', datagrams: [...Array(10)].map((_, index) => randomBytes(80 + index)) },
    {
      why: 'garbage',
      datagrams: [1, 2, 3, 70].map((size) => Buffer.from('FNP'.repeat(24)).subarray(0, size)),
    },
    { why: 'oversized', datagrams: times(Buffer.concat([probe, Buffer.alloc(3000)])) },
    { why: 'version', datagrams: times(patched(probe, 3, Buffer.from([9]))) },
    // A wrong key, and the right key with a bit flipped on the way, look the same to the receiver.
    { why: 'forged', datagrams: times(patched(probe, 55, randomBytes(16))) },
    { why: 'forged', datagrams: times(patched(probe, 52, Buffer.from([3]))) },
    { why: 'unknown-peer', datagrams: times(patched(probe, 8, randomBytes(8))) },
    { why: 'not-for-us', datagrams: times(patched(probe, 16, randomBytes(8))) },
    // Authentic, but not sent by the host that signed it.
    { why: 'wrong-path', datagrams: times(probe) },
  ]
  for (const { why, datagrams } of cases) {
    await t.test(`${why}, from another host and from a container`, async () => {
      const from = await refused(why)
      await sendDatagrams(c, { to: a.plan.v4.overlay, port: PORT }, datagrams)
      await rises(why, datagrams.length, from)
      for (const to of ['10.87.1.2', '10.87.1.3', '10.87.1.1'])
        await sendDatagrams(a, { to, port: PORT }, datagrams, container.enter)
      await rises(why, datagrams.length * 3, from)
    })
  }

  await t.test('an answer replayed by its own sender', async () => {
    const from = (await refused('duplicate')) + (await refused('unknown'))
    await sendDatagrams(b, { to: a.plan.v4.overlay, port: PORT, from: b.plan.v4.overlay }, times(tunnelEcho))
    await waitUntil('the replayed answers to be refused', PATIENCE_MS, async () => {
      return (await refused('duplicate')) + (await refused('unknown')) >= from + 10
    })
  })

  await t.test('a flood does not stop the probes', async () => {
    const flood = Array.from({ length: 3000 }, () => randomBytes(200))
    await sendDatagrams(c, { to: a.plan.v4.overlay, port: PORT }, flood)
    const { received = 0 } = (await pathsOf(a)).get('host-b')?.p2p ?? {}
    await waitUntil('probes to be answered', PATIENCE_MS, async () => {
      return ((await pathsOf(a)).get('host-b')?.p2p.received ?? 0) > received + 3
    })
    await waitForPath(a, b, 'direct')
  })

  await t.test('each kind is logged once a sender', async (t) => {
    const lines = (await logOf(a)).filter(({ msg }) => msg === 'message refused')
    const keys = lines.map(({ why, address }) => `${String(why)} ${String(address)}`)
    t.same(keys, [...new Set(keys)])
    for (const { why } of cases)
      for (const sender of [c.plan.v4.overlay, container.address])
        t.ok(keys.includes(`${why} ${sender}`), `${why} ${sender}`)
  })

  await t.test('slow and odd HTTP clients', async (t) => {
    const running = c.start([process.execPath, '-e', SLOW_CLIENTS, a.plan.v4.overlay, String(PORT), '60'])
    t.teardown(() => running.kill())
    const slow = listenTo(running)
    await waitUntil('the slow clients to connect', PATIENCE_MS, () => slow.says('open'))
    t.match(await metricsText(a, '127.0.0.1'), /flatnet_build_info/, 'loopback answers at the same time')
    const status = async (...words: string[]): Promise<string> => {
      const base = [
        'curl',
        '--silent',
        '--max-time',
        '60',
        '--output',
        '/dev/null',
        '--write-out',
        '%{http_code}',
      ]
      return (await a.exec([...base, ...words], { check: false })).stdout
    }
    const url = `http://127.0.0.1:${String(PORT)}`
    t.equal(
      await status(`${url}/v1/certificates`),
      '404',
      'certificates are served on the overlay address only',
    )
    t.equal(await status('--request', 'POST', `${url}/metrics`), '405')
    t.equal(await status('--path-as-is', `${url}/../../etc/passwd`), '404')
    t.equal(await status('--header', `x: ${'y'.repeat(20_000)}`, `${url}/metrics`), '431')
    await waitUntil('the slow clients to be disconnected', PATIENCE_MS, () => slow.says('closed'))
    await waitUntil('the overlay address to answer again', PATIENCE_MS, async () =>
      (await metricsText(c, a.plan.v4.overlay).catch(() => '')).includes('flatnet_build_info'),
    )
  })

  await t.test('garbage on the local socket', async (t) => {
    const socket = '/run/flatnet/agent.sock'
    for (const text of [
      randomBytes(5000).toString('latin1'),
      'GET /v1/status HTTP/9.9\r\n\r\n',
      '\0\0\0\0\n\n',
    ])
      await a.exec([process.execPath, '-e', TO_SOCKET, socket], { input: text, check: false })
    const curl = ['curl', '--silent', '--max-time', '60', '--unix-socket', socket]
    for (const [body, path] of [
      ['{"peer": 7}', 'drill'],
      ['{"peer": "host-b", "forMs": "long"}', 'drill'],
      ['[[[[', 'drill'],
      ['{}', '__proto__'],
      [`{"x": "${'y'.repeat(2_000_000)}"}`, 'drill'],
    ] as const) {
      const { stdout } = await a.exec([...curl, '--data-binary', '@-', `http://agent/v1/${path}`], {
        input: body,
        check: false,
      })
      if (stdout !== '') t.match(stdout, /"error"/, stdout.slice(0, 200))
    }
    t.equal((await flatnet(a, 'path')).exitCode, 0)
  })

  await t.test("the agent's state is unchanged", async (t) => {
    await waitForPath(a, b, 'direct')
    const history = [...(await historyOf(a, 'host-b', begun)), ...(await historyOf(b, 'host-a', begun))]
    const falls = history.filter(({ from, to }) => from === 'P2P_ACTIVE' && to !== from)
    // A busy machine loses probes without help. The messages of strangers must never be the reason.
    t.same(
      falls.filter(
        ({ reason }) =>
          !['loss', 'silence', 'latency', 'one-way', 'peer-said', 'agent-stalled'].includes(reason),
      ),
      [],
    )
    // Each "peer-said" needs a fallback at the peer with a reason of its own: no other host's word counts.
    const said = falls.filter(({ reason }) => reason === 'peer-said').length
    t.ok(
      said <= falls.length - said,
      `${String(said)} of ${String(falls.length)} fallbacks because of "peer-said"`,
    )
    t.equal(
      (await logOf(a)).filter(({ msg }) => msg === 'agent ready').length,
      1,
      'the agent was not restarted',
    )
  })
})

/** Returns the recorded messages of one kind (1 probe, 2 echo) that were sent to an address. */
function ofKind(recorded: readonly Recorded[], kind: number, to: string): readonly Buffer[] {
  return recorded
    .filter((each) => each.to === to && each.datagram[4] === kind)
    .map(({ datagram }) => datagram)
}

// Opens connections that begin a request and never finish it. Prints "open" once all were tried, and "closed"
// once the server has closed all of them.
const SLOW_CLIENTS = `
const { connect } = require('node:net')
const [address, port, count] = process.argv.slice(1)
let tried = 0, closed = 0
const over = () => { tried += 1; if (tried === Number(count)) console.log('open') }
for (let index = 0; index < Number(count); index += 1) {
  const socket = connect(Number(port), address)
  let isTried = false
  const once = () => { if (!isTried) { isTried = true; over() } }
  socket.on('connect', () => { socket.write('GET /metrics HTTP/1.1\\r\\nhost: x\\r\\nx-'); once() })
  socket.on('error', () => undefined)
  socket.on('close', () => { once(); closed += 1; if (closed === Number(count)) console.log('closed') })
  socket.resume()
}`

const TO_SOCKET = `
const { connect } = require('node:net')
const socket = connect(process.argv[1])
socket.on('error', () => undefined)
socket.end(require('node:fs').readFileSync(0))
socket.resume()
setTimeout(() => socket.destroy(), 5000).unref()`

// Tells what the slow clients have printed so far.
function listenTo(running: Running): { readonly says: (word: string) => Promise<boolean> } {
  let text = ''
  running.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return { says: (word) => Promise.resolve(text.includes(word)) }
}
