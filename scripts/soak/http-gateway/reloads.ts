// Load while nginx reloads every few seconds: no idempotent request may fail, on a connection of its own or
// on a kept one. As browsers do, a client sends a request again that met the end of an idle connection
// (RFC 9112, section 9.3.1).

import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PatientScope } from '../../../test/fixtures/clean-up.ts'
import { answerOf, type HttpAnswer, echo, echoed } from '../../../test/fixtures/http-gateway/http.ts'
import { errorLines } from './ask.ts'
import { HOST, openOffice } from './office.ts'

interface Loaded {
  readonly counts: Readonly<Record<string, number>>
  readonly faults: readonly string[]
}

const CLIENTS = 8
const PAUSE_MS = 5000
// Eight clients ask 300 times a second, which leaves a processor time for the rest.
const THINK_MS = 20
const METHODS = ['GET', 'PUT', 'DELETE', 'HEAD'] as const

/** Reloads every five seconds, and changes the state in between, until `isOver`. */
export async function loadOverReloads(scope: PatientScope, isOver: () => boolean): Promise<Loaded> {
  const office = await openOffice(scope, echo('web'), 2)
  const faults: string[] = []
  let [requests, repeated, reloads, isDone] = [0, 0, 0, false]
  const client = async (isKept: boolean, method: string): Promise<void> => {
    const agent = new Agent({ keepAlive: isKept, maxSockets: 1 })
    while (!isDone) {
      const { fault, tries } = await askSafely(agent, office.gateway.port, method)
      requests += 1
      repeated += tries - 1
      if (fault !== undefined) faults.push(`${new Date().toISOString()} ${method}: ${fault}`)
      await sleep(THINK_MS)
    }
    agent.destroy()
  }
  const clients = Array.from({ length: CLIENTS }, (_, index) =>
    client(index < CLIENTS / 2, METHODS[index % METHODS.length] ?? 'GET'),
  )
  while (!isOver()) {
    await office.gateway.signal('reload')
    reloads += 1
    await office.change(reloads % 2 === 0 ? 'container' : 'neighbour')
    await sleep(PAUSE_MS)
  }
  isDone = true
  await Promise.all(clients)
  return {
    counts: { requests, repeated, reloads },
    faults: [...faults, ...(await errorLines(office.gateway))],
  }
}

interface Safe {
  readonly fault?: string
  readonly tries: number
}

async function askSafely(agent: Agent, port: number, method: string): Promise<Safe> {
  for (let tries = 1; ; tries += 1) {
    const said = await askOnce(agent, port, method)
    if (said === 'idle connection ended') continue
    return said === 'web' ? { tries } : { tries, fault: said }
  }
}

function askOnce(agent: Agent, port: number, method: string): Promise<string> {
  return new Promise((resolve) => {
    const body = method === 'PUT' ? 'x'.repeat(1000) : undefined
    const headers = { host: HOST, ...(body === undefined ? {} : { 'content-length': String(body.length) }) }
    const asking = request({ host: '127.0.0.1', port, method, headers, agent })
    let hasAnswer = false
    asking.on('error', (error) =>
      resolve(asking.reusedSocket && !hasAnswer ? 'idle connection ended' : error.message),
    )
    asking.on('response', (response) => {
      hasAnswer = true
      answerOf(response).then(
        (answer) => resolve(saidBy(method, answer)),
        (error: unknown) => resolve(String(error)),
      )
    })
    asking.end(body)
  })
}

function saidBy(method: string, answer: HttpAnswer): string {
  if (answer.status !== 200) return `status ${String(answer.status)} ${answer.text.slice(0, 100)}`
  return method === 'HEAD' ? 'web' : echoed(answer).name
}
