// One server under load for some seconds.

import { readFileSync } from 'node:fs'
import { run } from '../../lab/run.ts'
import { HOST, type Server } from './servers.ts'

export interface Load {
  readonly seconds: number
  readonly connections: number
}

export interface Figures {
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Processor time of the server's processes for one request. */
  readonly cpuUs: number
  /** Answers other than 2xx and 3xx, and failed connections. */
  readonly failed: number
}

/** Asks as fast as the server answers, with wrk. @throws Error when wrk says nothing that can be read */
export async function measure(server: Server, { seconds, connections }: Load): Promise<Figures> {
  const pids = await server.workers()
  const before = cpuUs(pids)
  const options = [
    '--threads',
    '1',
    '--connections',
    String(connections),
    '--duration',
    `${String(seconds)}s`,
  ]
  const url = `http://127.0.0.1:${String(server.port)}/path?query=1`
  const { stdout } = await run(['wrk', ...options, '--latency', '--header', `Host: ${HOST}`, url])
  const spent = cpuUs(pids) - before
  const requests = number(stdout, /(\d+) requests in/)
  return {
    requestsPerSecond: number(stdout, /Requests\/sec:\s+([\d.]+)/),
    p50Ms: milliseconds(stdout, '50%'),
    p99Ms: milliseconds(stdout, '99%'),
    cpuUs: spent / requests,
    failed: sum(stdout, /responses: \d+/) + sum(stdout, /Socket errors: .*/),
  }
}

// User and system time: fields 14 and 15 of /proc/PID/stat, in hundredths of a second (proc_pid_stat(5)).
function cpuUs(pids: readonly number[]): number {
  return pids
    .map((pid) => {
      const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return (Number(fields[11]) + Number(fields[12])) * 10_000
    })
    .reduce((a, b) => a + b, 0)
}

function milliseconds(text: string, share: string): number {
  const [, value = '', unit = ''] = new RegExp(`^\\s+${share}\\s+([\\d.]+)(us|ms|s)$`, 'm').exec(text) ?? []
  const factor = { us: 0.001, ms: 1, s: 1000 }[unit]
  if (factor === undefined) throw new Error(`wrk said no latency at ${share}:\n${text}`)
  return Number(value) * factor
}

function number(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1]
  if (found === undefined) throw new Error(`wrk did not say ${String(pattern)}:\n${text}`)
  return Number(found)
}

function sum(text: string, pattern: RegExp): number {
  const [line = ''] = pattern.exec(text) ?? []
  return [...line.matchAll(/\d+/g)].map(Number).reduce((a, b) => a + b, 0)
}
