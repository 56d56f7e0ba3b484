// HTTP Gateways that recognise each other: a real nginx proves whose it is to what the agent asks with, ends,
// and comes back.

import { createSecretKey } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import t, { type Test } from 'tap'
import { waitUntil } from '../../../scripts/lab/run.ts'
import {
  type GatewayWatch,
  watchGateways,
  type WatchedHost,
} from '../../../src/agent/http-gateway/watch-gateways.ts'
import { proofKey } from '../../../src/http-gateway/proof.ts'
import { gatewaysDocument, isUsable } from '../../../src/http-gateway/recognition.ts'
import { hostDocument, SELF } from '../../fixtures/http-gateway/documents.ts'
import { echo, echoed, freePort, serve } from '../../fixtures/http-gateway/http.ts'
import { startGateway, type TestGateway } from '../../fixtures/http-gateway/nginx.ts'

const KEY = proofKey(createSecretKey(Buffer.alloc(32, 7)))
const OVERLAY = '10.86.2.1'

/** The HTTP Gateway of host-b, which knows host-a by the key that both share. */
async function gatewayOfB(t: Test): Promise<TestGateway> {
  const gateway = await startGateway(t)
  await gateway.push('PUT', '/v1/self', { ...SELF, host: 'host-b', overlay: OVERLAY })
  await gateway.push('PUT', '/v1/hosts/host-a', hostDocument('host-a', [], { path: 'p2p', key: KEY }))
  return gateway
}

/** What the agent of host-a does. */
function watchFromA(
  t: Test,
  hosts: () => readonly WatchedHost[],
): { watch: GatewayWatch; changes: () => number } {
  let changes = 0
  const watch = watchGateways({ hosts, onChange: () => (changes += 1) })
  t.teardown(() => watch.stop())
  return { watch, changes: () => changes }
}

const stateIn = (watch: GatewayWatch, overlay = OVERLAY) => watch.contacts().get(overlay)?.state
const until = (watch: GatewayWatch, state: string | undefined) =>
  waitUntil(`state ${String(state)}`, 60_000, async () => stateIn(watch) === state)

t.test('an nginx that is killed, starts again and stands still', async (t) => {
  const gateway = await gatewayOfB(t)
  const address = `127.0.0.1:${String(gateway.port)}`
  let hosts: readonly WatchedHost[] = [{ overlay: OVERLAY, key: KEY, address }]
  const { watch, changes } = watchFromA(t, () => hosts)
  await until(watch, 'up')
  t.ok(watch.isUsable(OVERLAY))

  const pid = await gateway.masterPid()
  const workers = (await readFile(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8'))
    .trim()
    .split(' ')
  let before = performance.now()
  for (const each of workers) process.kill(Number(each), 'SIGSTOP')
  await until(watch, 'down')
  t.comment(`a standing worker was down after ${String(Math.round(performance.now() - before))} ms`)
  t.notOk(watch.isUsable(OVERLAY))
  for (const each of workers) process.kill(Number(each), 'SIGCONT')
  await until(watch, 'up')

  before = performance.now()
  for (const each of [pid, ...workers.map(Number)]) process.kill(each, 'SIGKILL')
  await until(watch, 'down')
  t.comment(`a killed one was down after ${String(Math.round(performance.now() - before))} ms`)
  t.match(watch.contacts().get(OVERLAY)?.detail, /ECONNREFUSED|ECONNRESET|hang up/)
  await writeFile(join(gateway.folder, 'run/nginx.pid'), '')
  await gateway.restart()
  await gateway.push('PUT', '/v1/self', { ...SELF, host: 'host-b', overlay: OVERLAY })
  await gateway.push('PUT', '/v1/hosts/host-a', hostDocument('host-a', [], { path: 'p2p', key: KEY }))
  await until(watch, 'up')

  hosts = [{ overlay: OVERLAY, key: KEY, address: undefined }]
  const asked = watch.contacts().get(OVERLAY)?.lastContact
  await waitUntil(
    'a further question',
    60_000,
    async () => watch.contacts().get(OVERLAY)?.lastContact !== asked,
  )
  t.equal(stateIn(watch), 'up', 'while the agent of its host is silent it is watched where it was')
  hosts = []
  await until(watch, undefined)
  t.ok(changes() >= 6)
})

t.test('what answers but does not prove itself is a stranger', async (t) => {
  const gateway = await gatewayOfB(t)
  const address = `127.0.0.1:${String(gateway.port)}`
  const other = proofKey(createSecretKey(Buffer.alloc(32, 9)))
  const web = `127.0.0.1:${String(await serve(t, '127.0.0.1', echo('a web server')))}`
  const { watch } = watchFromA(t, () => [
    { overlay: '10.86.3.1', key: other, address },
    { overlay: '10.86.4.1', key: KEY, address },
    { overlay: '10.86.5.1', key: KEY, address: web },
  ])
  await waitUntil('three strangers', 60_000, async () =>
    ['10.86.3.1', '10.86.4.1', '10.86.5.1'].every((each) => stateIn(watch, each) === 'stranger'),
  )
  const details = [...watch.contacts().values()].map(({ detail }) => detail)
  t.same(details, ['it does not know this host', 'the proof is wrong', 'the answer has no proof'])
  t.notOk(isUsable({ state: 'stranger' }))
})

t.test('the list on every HTTP Gateway, as its schema says', async (t) => {
  const gateway = await gatewayOfB(t)
  const list = (headers: Readonly<Record<string, string>> = {}) =>
    gateway.ask('127.0.0.1', { path: '/api/v1/gateways', headers })
  const early = await list({ accept: 'application/json' })
  t.match([early.status, JSON.parse(early.text)], [503, { error: { reason: 'not-told' } }])
  const now = '2026-01-01T00:00:00.000Z'
  const document = gatewaysDocument(
    { host: 'host-b', address: '192.168.1.12:80' },
    new Map([
      [
        'host-a',
        {
          state: 'down',
          since: now,
          lastContact: now,
          detail: 'no answer',
          misses: 2,
          address: '192.168.1.11:80',
        },
      ],
    ]),
  )
  t.equal((await gateway.push('PUT', '/v1/texts/gateways', document)).status, 200)
  const { status, headers, text } = await list()
  t.equal(status, 200)
  t.equal(headers['access-control-allow-origin'], undefined, 'pages of other sites cannot read it')
  t.same(JSON.parse(text), document)
  const schema: unknown = JSON.parse(
    await readFile(join(import.meta.dirname, '../../../docs/gateways.schema.json'), 'utf8'),
  )
  const judge = new Ajv2020({ strict: true }).compile(schema as object)
  t.ok(judge(JSON.parse(text)), JSON.stringify(judge.errors))
  t.equal((await list({ 'if-none-match': headers.etag ?? '' })).status, 304)
  t.equal((await gateway.ask('127.0.0.1', { path: '/api/v1/gateways', method: 'POST' })).status, 405)
  t.equal((await gateway.ask('attacker.example', { path: '/api/v1/gateways' })).status, 404, 'DNS rebinding')
  t.equal((await gateway.push('PUT', '/v1/texts/nothing', document)).status, 404)
  t.equal((await gateway.push('PUT', '/v1/texts/gateways', '{')).status, 400)
  const lines = await gateway.log()
  t.notMatch(lines, [{ uri: /hello/ }])
})

t.test('one that has died is avoided from the next request on, before the agent knows', async (t) => {
  const gateway = await startGateway(t)
  const port = await freePort('127.87.2.10')
  const dead = await freePort()
  await gateway.push('PUT', '/v1/self', SELF)
  const container = { names: ['web'], address: '127.87.2.10', port, ports: [port] }
  await gateway.push(
    'PUT',
    '/v1/hosts/host-b',
    hostDocument('host-b', [container], { gateway: `127.0.0.1:${String(dead)}` }),
  )
  t.equal((await gateway.ask('web.flatnet.internal')).status, 502)
  t.equal((await gateway.ask('web.flatnet.internal')).status, 502)
  await serve(t, '127.87.2.10', echo('web-b'), port)
  const answer = await gateway.ask('web.flatnet.internal')
  t.equal(echoed(answer).name, 'web-b')
  t.notOk('x-flatnet-hop' in echoed(answer).headers)
  const lines = await waitForLog(gateway, 3)
  const tries = lines.map(({ tries: text }) => String(text).split(', '))
  t.ok(tries[0]?.includes(`127.0.0.1:${String(dead)}`), 'the first request finds out')
  t.notOk(tries[1]?.includes(`127.0.0.1:${String(dead)}`), 'the second knows')
})

async function waitForLog(gateway: TestGateway, count: number): ReturnType<TestGateway['log']> {
  await waitUntil('the log', 20_000, async () => (await gateway.log()).length >= count)
  return gateway.log()
}
