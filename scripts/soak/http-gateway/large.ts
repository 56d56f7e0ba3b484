// Large uploads and downloads: whole, in no temporary file, and without memory for more than a few buffers.

import { readdirSync, readFileSync } from 'node:fs'
import { type IncomingMessage, request, type RequestListener } from 'node:http'
import { join } from 'node:path'
import { setInterval } from 'node:timers'
import type { PatientScope } from '../../../test/fixtures/clean-up.ts'
import type { TestGateway } from '../../../test/fixtures/http-gateway/nginx.ts'
import { workerOf } from './ask.ts'
import { CONTAINER, HOST, openOffice } from './office.ts'

interface Passed {
  readonly counts: Readonly<Record<string, number>>
  readonly faults: readonly string[]
}

const BLOCK = Buffer.alloc(1_000_000, 'flatnet')
// A worker has about 20 MB without any request.
const MOST_MEMORY_KB = 100_000
// What the log may have written meanwhile.
const MOST_WRITTEN = 5_000_000
const LOOK_EVERY_MS = 50

/** Sends that many megabytes to a container, and gets as many from it. Rates are in megabytes per second. */
export async function passLarge(scope: PatientScope, megabytes: number): Promise<Passed> {
  const { gateway, port } = await openOffice(scope, largeContainer(megabytes))
  const worker = await workerOf(gateway)
  const faults: string[] = []
  const files = new Set<string>()
  const looking = setInterval(() => {
    for (const file of temporaryFiles(gateway)) files.add(file)
  }, LOOK_EVERY_MS)
  const counts: Record<string, number> = { megabytes }
  const written = bytesWritten(worker)
  try {
    for (const [what, address, at] of [
      ['', '127.0.0.1', gateway.port],
      ['Direct', CONTAINER, port],
    ] as const) {
      for (const [name, pass] of [
        ['upload', upload],
        ['download', download],
      ] as const) {
        const began = performance.now()
        const passed = await pass(address, at, megabytes)
        counts[`${name}${what}`] = Math.round((megabytes * 1000) / (performance.now() - began))
        if (passed !== megabytes * BLOCK.length) faults.push(`${name}: ${String(passed)} bytes have arrived`)
      }
    }
  } finally {
    clearInterval(looking)
  }
  const [memory, wrote] = [peakOf(worker), bytesWritten(worker) - written]
  if (files.size > 0) faults.push(`nginx has made ${[...files].join(', ')}`)
  if (wrote > MOST_WRITTEN) faults.push(`the worker has written ${String(wrote)} bytes to disk`)
  if (memory > MOST_MEMORY_KB) faults.push(`the worker has used ${String(memory)} kB of memory`)
  return { counts: { ...counts, workerPeakKB: memory, wroteBytes: wrote }, faults }
}

function largeContainer(megabytes: number): RequestListener {
  return (asked, response) => {
    if (asked.method === 'GET') {
      response.setHeader('content-length', megabytes * BLOCK.length)
      void sendBlocks(response, megabytes).then(() => response.end())
      return
    }
    let received = 0
    asked.on('data', (chunk: Buffer) => (received += chunk.length))
    asked.on('end', () => response.end(String(received)))
  }
}

async function sendBlocks(to: NodeJS.WritableStream, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 1) {
    if (!to.write(BLOCK)) await new Promise((resolve) => to.once('drain', resolve))
  }
}

/** @returns how many bytes the container has counted */
async function upload(host: string, port: number, megabytes: number): Promise<number> {
  const headers = { host: HOST, 'content-length': megabytes * BLOCK.length }
  const asking = request({ host, port, method: 'POST', headers, agent: false })
  const answer = answered(asking)
  await sendBlocks(asking, megabytes)
  asking.end()
  let text = ''
  for await (const chunk of (await answer).setEncoding('utf8')) text += String(chunk)
  return Number(text)
}

/** @returns how many bytes have come */
async function download(host: string, port: number): Promise<number> {
  const asking = request({ host, port, headers: { host: HOST }, agent: false })
  asking.end()
  let received = 0
  for await (const chunk of await answered(asking)) received += (chunk as Buffer).length
  return received
}

function answered(asking: ReturnType<typeof request>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    asking.once('response', resolve)
    asking.once('error', reject)
  })
}

function temporaryFiles({ folder }: TestGateway): readonly string[] {
  return ['client_body', 'proxy'].flatMap((name) =>
    readdirSync(join(folder, 'run', name), { recursive: true, encoding: 'utf8' }),
  )
}

// proc_pid_status(5), proc_pid_io(5)
function peakOf(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1])
}

function bytesWritten(pid: number): number {
  return Number(/^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${String(pid)}/io`, 'utf8'))?.[1])
}
