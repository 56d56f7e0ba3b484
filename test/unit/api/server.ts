// Server and client with each other, and each with a program that is neither, over real sockets.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { askAgent, followAgent } from '../../../src/api/client.ts'
import { type ApiRoutes, serveApi } from '../../../src/api/server.ts'
import { socketPath } from '../../../src/api/socket.ts'
import { CniCode, CniError } from '../../../src/cni/error.ts'
import { isLate } from '../../../src/cni/late.ts'
import { beat } from '../../../src/state/agent/heartbeat.ts'

// tap's own folders have paths too long for a socket.
function folder(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'flatnet-api-'))
  t.teardown(() => rmSync(path, { recursive: true, force: true }))
  return path
}

async function serve(t: Test, routes: ApiRoutes, answerMs?: number): Promise<string> {
  const runDir = folder(t)
  const server = await serveApi(runDir, routes, answerMs)
  t.teardown(() => server.close())
  return runDir
}

/** Sends bytes as they are and returns everything that comes back. */
async function raw(runDir: string, bytes: string): Promise<string> {
  const socket = connect(socketPath(runDir))
  socket.on('error', () => undefined)
  let got = ''
  socket.on('data', (part) => (got += String(part)))
  socket.write(bytes)
  await once(socket, 'close')
  return got
}

t.test('a request with a query and a body is answered', async (t) => {
  const runDir = await serve(t, {
    'GET /v1/path': ({ query, body }) => ({ peer: query.get('peer'), body: body ?? null }),
    'POST /v1/drill': ({ body }) => Promise.resolve({ body }),
  })
  t.same(await askAgent(runDir, 'GET', '/v1/path?peer=b%20c'), { peer: 'b c', body: null })
  t.same(await askAgent(runDir, 'POST', '/v1/drill', { body: { peer: 'b', forMs: 10 } }), {
    body: { peer: 'b', forMs: 10 },
  })
})

t.test('only its owner can use the socket', async (t) => {
  const runDir = await serve(t, {})
  t.equal(statSync(socketPath(runDir)).mode & 0o777, 0o600)
})

t.test('an error of the agent arrives as it was thrown, a bug as 999', async (t) => {
  const runDir = await serve(t, {
    'GET /v1/a': () => {
      throw new CniError(CniCode.CheckFailed, 'no such peer', 'host-x: the peers are b, c')
    },
    'GET /v1/b': () => Promise.reject(new TypeError('undefined is not a peer')),
  })
  await t.rejects(askAgent(runDir, 'GET', '/v1/a'), {
    code: CniCode.CheckFailed,
    message: 'no such peer',
    details: 'host-x: the peers are b, c',
  })
  await t.rejects(askAgent(runDir, 'GET', '/v1/b'), {
    code: CniCode.Internal,
    details: /undefined is not a peer/,
  })
})

t.test('an unknown request is answered with both versions', async (t) => {
  const runDir = await serve(t, { 'GET /v1/status': () => ({}) })
  for (const path of ['/v2/status', '/constructor', '/v1/status/'])
    await t.rejects(askAgent(runDir, 'GET', path), { code: CniCode.UnsupportedField, details: /version/ })
  await t.rejects(askAgent(runDir, 'POST', '/v1/status'), { code: CniCode.UnsupportedField })
})

t.test('a body that is too large or not JSON is refused, and the agent continues', async (t) => {
  const runDir = await serve(t, { 'POST /v1/x': ({ body }) => ({ body }) })
  await t.rejects(askAgent(runDir, 'POST', '/v1/x', { body: 'x'.repeat(70_000) }), {
    code: CniCode.InvalidConfig,
    message: 'body too large',
  })
  const said = await raw(runDir, 'POST /v1/x HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\n{"a:')
  t.match(said, /400 .*"code":6/s)
  t.match(await raw(runDir, 'garbage\r\n\r\n'), /400 Bad Request/)
  t.match(await raw(runDir, `GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`), / 431 /)
  t.same(await askAgent(runDir, 'POST', '/v1/x', { body: 1 }), { body: 1 })
})

t.test('a handler that never answers is given up, and its caller told', async (t) => {
  let aborted = false
  const never = ({ signal }: { signal: AbortSignal }) =>
    new Promise(() => signal.addEventListener('abort', () => (aborted = true)))
  const runDir = await serve(t, { 'GET /v1/never': never }, 50)
  await t.rejects(askAgent(runDir, 'GET', '/v1/never'), { code: CniCode.TryAgainLater })
  t.ok(aborted)
})

t.test('events arrive one by one until the reader or the agent ends', async (t) => {
  const runDir = folder(t)
  let ended = 0
  const server = await serveApi(runDir, {
    'GET /v1/events': async function* ({ signal }) {
      signal.addEventListener('abort', () => (ended += 1))
      for (let index = 0; !signal.aborted; index += 1) {
        yield { index, text: 'ä'.repeat(1000) }
        await sleep(1)
      }
    },
  })
  const seen: unknown[] = []
  for await (const event of followAgent(runDir, '/v1/events')) {
    seen.push((event as { index: number }).index)
    if (seen.length === 20) break
  }
  t.same(
    seen,
    Array.from({ length: 20 }, (_, index) => index),
  )
  const stop = new AbortController()
  for await (const _ of followAgent(runDir, '/v1/events', { signal: stop.signal })) stop.abort()
  for await (const { index } of followAgent(runDir, '/v1/events') as AsyncIterable<{ index: number }>)
    if (index === 3) await server.close()
  while (ended < 3) await sleep(5)
  t.equal(ended, 3)
})

t.test('without an agent the error names the next step', async (t) => {
  const runDir = folder(t)
  const wanted = { code: CniCode.AgentUnreachable, details: /systemctl restart flatnet-agent/ }
  await t.rejects(askAgent(runDir, 'GET', '/v1/status'), wanted)
  writeFileSync(socketPath(runDir), '')
  await t.rejects(askAgent(runDir, 'GET', '/v1/status'), wanted)
  await t.rejects(async () => {
    for await (const _ of followAgent(runDir, '/v1/events')) t.fail('no event can arrive')
  }, wanted)
})

t.test("an obstacle in the socket's place is named by both sides", async (t) => {
  const [runDir, file] = [folder(t), join(folder(t), 'file')]
  mkdirSync(join(socketPath(runDir), 'x'), { recursive: true })
  writeFileSync(file, '')
  for (const [dir, details] of [
    [runDir, /agent\.sock is a folder.*rm -r/],
    [file, /file is not a folder.*move the file away|a file is where a folder should be/],
  ] as const) {
    await t.rejects(askAgent(dir, 'GET', '/v1/status'), { code: CniCode.AgentUnreachable, details })
    await t.rejects(serveApi(dir, {}), { code: CniCode.IoFailure, details })
  }
})

t.test('an answer of another program on the socket is refused', async (t) => {
  for (const [headers, body] of [
    [{ 'content-type': 'application/json' }, '{"peers":[]}'],
    [{ 'flatnet-api': '1', 'content-type': 'text/html' }, '<html>'],
    [{ 'flatnet-api': '1', 'content-type': 'application/json' }, '7'],
    [{ 'flatnet-api': '1', 'content-type': 'application/json' }, '{"peers":'],
    [{ 'flatnet-api': '1', 'content-type': 'application/json', 'content-length': '100' }, '{"peers":[]}'],
  ] as const) {
    const runDir = folder(t)
    const foreign = createHttp((_, response) => {
      response.writeHead(200, headers)
      response.write(body, () => response.destroy())
    }).listen(socketPath(runDir))
    await once(foreign, 'listening')
    await t.rejects(askAgent(runDir, 'GET', '/v1/status'), { code: CniCode.AgentUnreachable }, body)
    foreign.close()
  }
})

t.test('a hanging agent is given up after the limit', async (t) => {
  const runDir = folder(t)
  const mute = createServer((socket) => socket.on('error', () => undefined)).listen(socketPath(runDir))
  await once(mute, 'listening')
  await t.rejects(askAgent(runDir, 'GET', '/v1/status', { timeoutMs: 100 }), {
    code: CniCode.AgentUnreachable,
    details: /within 100 ms and writes no heartbeat; \(re\)start it/,
  })
  mute.close()
})

t.test('an agent with a fresh heartbeat counts as busy, and the advice is not to restart it', async (t) => {
  const runDir = folder(t)
  const mute = createServer((socket) => socket.on('error', () => undefined)).listen(socketPath(runDir))
  await once(mute, 'listening')
  const beating = setInterval(() => beat(runDir, true), 10)
  const error = await askAgent(runDir, 'GET', '/v1/status', { timeoutMs: 200 }).catch(
    (reason: unknown) => reason,
  )
  clearInterval(beating)
  mute.close()
  t.match(error, {
    code: CniCode.AgentUnreachable,
    details: /within 200 ms, but is alive .*this machine is busy; try again$/,
  })
  t.ok(isLate(error))
})

t.test('a run directory with too long a path for a socket is refused by name', async (t) => {
  const runDir = join(folder(t), 'x'.repeat(100))
  mkdirSync(runDir)
  await t.rejects(serveApi(runDir, {}), { code: CniCode.InvalidConfig, details: /107 bytes/ })
})

t.test("a live agent's socket is left alone, even if stopped; a dead one's is replaced", async (t) => {
  const runDir = folder(t)
  const program = `
    import { serveApi } from ${JSON.stringify(join(import.meta.dirname, '../../../src/api/server.ts'))}
    await serveApi(process.argv[1], { 'GET /v1/status': () => ({ pid: process.pid }) })
    console.log('up')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, runDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  const refused = {
    code: CniCode.TryAgainLater,
    message: 'another agent runs',
    details: new RegExp(`pid ${child.pid} `),
  }
  await t.rejects(serveApi(runDir, {}), refused)
  t.same(await askAgent(runDir, 'GET', '/v1/status'), { pid: child.pid })
  child.kill('SIGSTOP')
  await t.rejects(serveApi(runDir, {}), refused)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const server = await serveApi(runDir, { 'GET /v1/status': () => ({ pid: process.pid }) })
  t.same(await askAgent(runDir, 'GET', '/v1/status'), { pid: process.pid })
  await server.close()
  t.equal(statSync(socketPath(runDir), { throwIfNoEntry: false }), undefined)
})

t.test('of ten agents that start together over a dead socket one wins', async (t) => {
  const runDir = folder(t)
  writeFileSync(socketPath(runDir), '')
  const started = await Promise.allSettled(Array.from({ length: 10 }, () => serveApi(runDir, {})))
  const won = started.filter((one) => one.status === 'fulfilled')
  t.equal(won.length, 1)
  for (const one of started)
    if (one.status === 'rejected') t.match(one.reason, { message: 'another agent runs' })
  await won[0]?.value.close()
})
