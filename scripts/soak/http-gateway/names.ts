// Many names: what a worker of nginx needs for them, while each host's document changes again and again.

import { readFileSync } from 'node:fs'
import type { PatientScope } from '../../../test/fixtures/clean-up.ts'
import { SELF } from '../../../test/fixtures/http-gateway/documents.ts'
import { startGateway } from '../../../test/fixtures/http-gateway/nginx.ts'
import { workerOf } from './ask.ts'

interface Amount {
  readonly hosts: number
  readonly containersPerHost: number
  /** How often each host's document is pushed. */
  readonly rounds: number
}

interface Holds {
  readonly names: number
  /** The most memory that the worker ever had, kB: proc_pid_status(5). */
  readonly peakKB: number
  /** Of the memory for documents that all workers share. */
  readonly freeBytes: number
}

/** Pushes them, and asks for unknown names, which are compared with all. */
export async function holdNames(scope: PatientScope, amount: Amount): Promise<Holds> {
  const gateway = await startGateway(scope)
  await gateway.push('PUT', '/v1/self', SELF)
  for (let round = 1; round <= amount.rounds; round += 1) {
    for (let host = 0; host < amount.hosts; host += 1) {
      const document = hostOf(host, round, amount.containersPerHost)
      const { status, text } = await gateway.push('PUT', `/v1/hosts/${document.host}`, document)
      if (status !== 200) throw new Error(`a good document is refused: ${text}`)
    }
  }
  for (let asked = 0; asked < 50; asked += 1) await gateway.ask('servise-1-of-1.flatnet.internal')
  const said = JSON.parse((await gateway.push('GET', '/v1/status')).text) as { names: number; free: number }
  const status = readFileSync(`/proc/${String(await workerOf(gateway))}/status`, 'utf8')
  return {
    names: said.names,
    peakKB: Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]),
    freeBytes: said.free,
  }
}

function hostOf(number: number, seq: number, count: number) {
  const containers = Array.from({ length: count }, (_, index) => ({
    names: [`service-${String(index)}-of-${String(number)}`],
    address: `10.87.${String(number)}.${String(index + 2)}`,
    port: 80,
    ports: [80, 443, 8080],
  }))
  return {
    version: 1,
    host: `host-${String(number)}`,
    epoch: 1,
    seq,
    path: number === 0 ? 'local' : 'p2p',
    subnets: [`10.87.${String(number)}.0/24`],
    gateway: `192.168.1.${String(number)}:80`,
    key: { id: String(number).padStart(16, '0'), secret: '0123456789abcdef'.repeat(4) },
    containers,
  }
}
