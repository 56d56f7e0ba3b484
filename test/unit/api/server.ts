// Server and client against each other and against what is neither, over real sockets.

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

// tap's own folders have names too long for a socket.
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

/** Sends bytes as they are and gives all that comes back. */
async function raw(runDir: string, bytes: string): Promise<string> {
  const socket = connect(socketPath(runDir))
  socket.on('error', () => undefined)
  let got = ''
  socket.on('data', (part) => (got += String(part)))
  socket.write(bytes)
  await once(socket, 'close')
  return got
}

t.test('a question with its query and body is answered', async (t) => {
  const runDir = await serve(t, {
    'GET /v1/path': ({ query, body }) => ({ peer: query.get('peer'), body: body ?? null }),
    'POST /v1/drill': ({ body }) => Promise.resolve({ body }),
  })
  t.same(await askAgent(runDir, 'GET', '/v1/path?peer=b%20c'), { peer: 'b c', body: null })
  t.same(await askAgent(runDir, 'POST', '/v1/drill', { body: { peer: 'b', forMs: 10 } }), {
    body: { peer: 'b', forMs: 10 },
  })
})

t.test('the socket is for its owner alone', async (t) => {
  const runDir = await serve(t, {})
  t.equal(statSync(socketPath(runDir)).mode & 0o777, 0o600)
})

t.test('an error of the agent arrives as it was thrown, our own mistakes as 999', async (t) => {
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

t.test('an unknown request names the versions, whatever its name', async (t) => {
  const runDir = await serve(t, { 'GET /v1/status': () => ({}) })
  for (const path of ['/v2/status', '/constructor', '/v1/status/'])
    await t.rejects(askAgent(runDir, 'GET', path), { code: CniCode.UnsupportedField, details: /version/ })
  await t.rejects(askAgent(runDir, 'POST', '/v1/status'), { code: CniCode.UnsupportedField })
})

t.test('a body that is too large or no JSON is refused, and the agent lives on', async (t) => {
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

t.test('a handler that never answers is given up and told so', async (t) => {
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

t.test('without an agent the next step is said', async (t) => {
  const runDir = folder(t)
  const wanted = { code: CniCode.AgentUnreachable, details: /systemctl restart flatnet-agent/ }
  await t.rejects(askAgent(runDir, 'GET', '/v1/status'), wanted)
  writeFileSync(socketPath(runDir), '')
  await t.rejects(askAgent(runDir, 'GET', '/v1/status'), wanted)
  await t.rejects(async () => {
    for await (const _ of followAgent(runDir, '/v1/events')) t.fail('nobody can say anything')
  }, wanted)
})

t.test('what answers something else on the socket is not believed', async (t) => {
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

t.test('an agent that hangs is not waited for longer than said', async (t) => {
  const runDir = folder(t)
  const mute = createServer((socket) => socket.on('error', () => undefined)).listen(socketPath(runDir))
  await once(mute, 'listening')
  await t.rejects(askAgent(runDir, 'GET', '/v1/status', { timeoutMs: 100 }), {
    code: CniCode.AgentUnreachable,
    details: /within 100 ms/,
  })
  mute.close()
})

t.test('a run directory too deep for a socket is refused by name', async (t) => {
  const runDir = join(folder(t), 'x'.repeat(100))
  mkdirSync(runDir)
  await t.rejects(serveApi(runDir, {}), { code: CniCode.InvalidConfig, details: /107 bytes/ })
})

t.test("a living agent's socket is not taken, also when it is stopped; a dead one's is", async (t) => {
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

t.test('of ten agents that start at once over a dead socket one wins', async (t) => {
  const runDir = folder(t)
  writeFileSync(socketPath(runDir), '')
  const started = await Promise.allSettled(Array.from({ length: 10 }, () => serveApi(runDir, {})))
  const won = started.filter((one) => one.status === 'fulfilled')
  t.equal(won.length, 1)
  for (const one of started)
    if (one.status === 'rejected') t.match(one.reason, { message: 'another agent runs' })
  await won[0]?.value.close()
})
