// Sends odd connections to a real nginx with the HTTP Gateway's Lua. Faults: a 5xx without a reason, an error
// in nginx's log, a connection to an address that no document allows, a request that the container sees and
// the HTTP Gateway did not send, and a worker that died.

import { readFile, truncate } from 'node:fs/promises'
import { connect } from 'node:net'
import { createServer } from 'node:http'
import { join } from 'node:path'
import type { PatientScope } from '../../../test/fixtures/clean-up.ts'
import { hostDocument, SELF } from '../../../test/fixtures/http-gateway/documents.ts'
import { echoed, freePort, serve } from '../../../test/fixtures/http-gateway/http.ts'
import { startGateway, type TestGateway } from '../../../test/fixtures/http-gateway/nginx.ts'
import { shareOut } from '../workers.ts'
import { Witness } from './witness.ts'
import { oddConnection, type Targets } from './requests.ts'

/** What a batch of connections came to. */
export interface Asked {
  /** Answers by the class of their status: "2xx". */
  readonly answers: ReadonlyMap<string, number>
  readonly faults: readonly string[]
}

export interface RequestFuzzer {
  /** Sends that many connections, whose seeds begin with this one. */
  readonly send: (seed: number, count: number) => Promise<Asked>
}

const AT_A_TIME = 32
// A half request gets no answer. What arrives later is still judged by nginx's own log.
const PATIENCE_MS = 200

/** Starts nginx, two containers and listeners that must never be reached. */
export async function makeRequestFuzzer(scope: PatientScope): Promise<RequestFuzzer> {
  const gateway = await startGateway(scope)
  const witness = new Witness()
  const web = await serve(scope, '127.87.1.10', witness.container('web'))
  await serve(scope, '127.87.2.10', witness.container('shop'), web)
  const targets: Targets = { port: gateway.port, containerPort: web, traps: await setTraps(scope, witness) }
  await gateway.push('PUT', '/v1/self', SELF)
  const container = { port: web, ports: [web] }
  for (const document of [
    hostDocument('host-a', [
      { names: ['web'], address: '127.87.1.10', ...container },
      { names: ['many'], address: '127.87.1.10', ports: [web] },
    ]),
    hostDocument('host-b', [{ names: ['shop'], address: '127.87.2.10', ...container }]),
  ])
    await gateway.push('PUT', `/v1/hosts/${String(document['host'])}`, document)
  for (const text of ['gateways', 'office']) await gateway.push('PUT', `/v1/texts/${text}`, { version: 1 })
  const worker = await workerOf(gateway)
  return {
    send: async (seed, count) => {
      const answers = new Map<string, number>()
      const seeds = Array.from({ length: count }, (_, index) => seed + index)
      const found = await shareOut(seeds, AT_A_TIME, async () => async (each) => {
        const bytes = oddConnection(targets, each)
        const said = await exchange(gateway.port, bytes)
        return judge(said, answers).map(
          (fault) => `connection, seed ${String(each)}: ${fault}: ${quote(bytes)}`,
        )
      })
      const after = await afterwards(gateway, worker)
      const rest = [...witness.take(), ...after].map(
        (fault) => `connections from seed ${String(seed)}: ${fault}`,
      )
      return { answers, faults: [...found.flat(), ...rest] }
    },
  }
}

// Addresses that the odd clients name and nothing allows: another port of a container, the machine itself.
async function setTraps(scope: PatientScope, witness: Witness): Promise<readonly string[]> {
  const addresses = ['127.87.1.10', '127.87.2.10', '127.87.1.11', '127.0.0.1']
  const ports: string[] = []
  for (const address of addresses) {
    const server = createServer((_, response) => response.end('trap'))
    server.on('connection', () => witness.trapped(address))
    ports.push(`${address}:${String(await serve(scope, address, server))}`)
  }
  return [...ports, `127.0.0.1:${String(await freePort())}`]
}

/** Sends the bytes and returns what came back until the end, or until nothing comes any more. */
function exchange(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let said = ''
    let timer: NodeJS.Timeout | undefined
    const wait = (): void => {
      clearTimeout(timer)
      timer = setTimeout(() => socket.destroy(), PATIENCE_MS)
    }
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      said += chunk
      wait()
    })
    // A connection that is reset has answered: nginx does not read the rest of what it refuses.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(said)
    })
    socket.write(bytes, 'latin1', wait)
  })
}

// nginx's own refusals of a coding and of a version.
const NGINX_REFUSES = /^HTTP\/1\.1 50[15] /
// To requests that say they come from another HTTP Gateway.
const HOP_REFUSED = /^X-Flatnet-Error: (?:not-here|loop)\r$/m

function judge(said: string, answers: Map<string, number>): readonly string[] {
  // Bodies are JSON or words of nginx and of ours, so only answers begin a line like that.
  const parts = said.split(/^(?=HTTP\/1\.[01] \d{3} )/m).filter((part) => part.startsWith('HTTP/'))
  return parts.flatMap((part) => {
    const group = `${part.slice(9, 10)}xx`
    answers.set(group, (answers.get(group) ?? 0) + 1)
    return group !== '5xx' || NGINX_REFUSES.test(part) || HOP_REFUSED.test(part) ? [] : [quote(part)]
  })
}

async function afterwards(gateway: TestGateway, worker: number): Promise<readonly string[]> {
  const faults: string[] = []
  const answer = await gateway.ask('web.flatnet.internal')
  if (answer.status !== 200 || echoed(answer).name !== 'web') faults.push(`then web answers ${answer.text}`)
  const now = await workerOf(gateway)
  if (now !== worker) faults.push(`worker ${String(worker)} has ended, ${String(now)} answers`)
  const errors = (await errorLines(gateway)).filter((line) => !INVALID_CHUNKS.test(line))
  return [...faults, ...errors, ...(await accessFaults(gateway))]
}

// What nginx itself says of a client.
const INVALID_CHUNKS = /client sent invalid chunked body/
const ALLOWED_TRY = /^127\.87\.[12]\.10:\d+$/

// Judges what no answer shows: the requests whose clients went away, and the address of every try.
async function accessFaults({ folder }: TestGateway): Promise<readonly string[]> {
  const lines = await takeLines(join(folder, 'log/http-gateway.log'))
  return lines.flatMap((line) => {
    const { status = 0, tries = '' } = JSON.parse(line) as {
      readonly status?: number
      readonly tries?: string
    }
    const isAllowed = tries === '' || tries.split(/, | : /).every((each) => ALLOWED_TRY.test(each))
    const isReasoned = status < 500 || status === 501 || status === 505 || tries === ''
    return isAllowed && isReasoned ? [] : [`the access log says ${line.slice(0, 800)}`]
  })
}

// Where the machine allows fewer files than nginx.conf asks for.
const LIMIT_OF_MACHINE = /setrlimit\(RLIMIT_NOFILE/

/** Returns the lines of nginx's error log, and empties it. */
export async function errorLines({ folder }: TestGateway): Promise<readonly string[]> {
  const lines = await takeLines(join(folder, 'log/http-gateway-error.log'))
  return lines.filter((line) => !LIMIT_OF_MACHINE.test(line))
}

// nginx appends, so that an emptied file goes on from its beginning.
async function takeLines(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8')
  await truncate(path)
  return text.split('\n').filter(Boolean)
}

export async function workerOf(gateway: TestGateway): Promise<number> {
  return (JSON.parse((await gateway.push('GET', '/v1/status')).text) as { readonly worker: number }).worker
}

function quote(text: string): string {
  return JSON.stringify(text.length > 1500 ? `${text.slice(0, 1500)}…` : text)
}
