// `npm run bench:idle`: measures the cost of an idle agent, and the duration of `check` beside it, with a
// given number of peers that one process simulates. It prints figures and asserts nothing. docs/benchmark.md
// explains how to read them.

import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { IdleOrders, IdleReport } from './inside.ts'
import { MOST_PEERS } from './settings.ts'
import { nebulaFolder } from '../../lab/nebula/packages.ts'

const USAGE = `usage: npm run bench:idle -- [--peers 0,10,50,100] [--seconds 60] [--flatnet FILE]
                             [--no-nebula]
  --peers      numbers of peers, one measurement each (0 to 1000)
  --seconds    length of each measurement, once all peers are on the direct path
  --flatnet    the executable to measure (dist/flatnet-cni, made by npm run build)
  --no-nebula  leave out the idle Nebula
Needs root. Everything it makes is in its own namespaces and ends with it.
`

async function main(): Promise<void> {
  const { values } = parseArgs({
    allowNegative: true,
    options: {
      peers: { type: 'string', default: '0,10,50,100' },
      seconds: { type: 'string', default: '60' },
      flatnet: { type: 'string', default: join(import.meta.dirname, '../../../dist/flatnet-cni') },
      nebula: { type: 'boolean', default: true },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return say(USAGE)
  const executable = resolve(values.flatnet)
  if (!existsSync(executable)) throw new Error(`${executable} is missing: npm run build`)
  if (process.getuid?.() !== 0) throw new Error('network namespaces need root')
  const peers = values.peers.split(',').map((text) => whole(text, '--peers', 0, MOST_PEERS))
  const seconds = whole(values.seconds, '--seconds', 1, 3600)
  const nebula = values.nebula ? nebulaFolder('1.11') : ''
  say(table(await runInside({ executable, nebula, peers, seconds })))
}

async function runInside(orders: Omit<IdleOrders, 'work'>): Promise<IdleReport> {
  const work = mkdtempSync('/var/tmp/flatnet-idle-')
  // A PID namespace ends with its first process and takes all others with it.
  const unshare = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child']
  const executable = join(work, 'flatnet-cni')
  const inside = join(import.meta.dirname, 'inside.ts')
  try {
    copyFileSync(orders.executable, executable)
    const argv = [
      process.execPath,
      inside,
      JSON.stringify({ ...orders, work, executable } satisfies IdleOrders),
    ]
    const child = spawn('unshare', [...unshare, '--propagation', 'private', '--', ...argv], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill('SIGKILL'))
    let report: IdleReport | undefined
    child.on('message', (message: IdleReport) => (report = message))
    await new Promise((done, failed) => child.on('error', failed).on('close', done))
    if (report === undefined) throw new Error('the run ended without a report')
    return report
  } finally {
    rmSync(work, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
  }
}

function table(report: IdleReport): string {
  const rows = report.map(([what, figures]) => {
    const { cpuPercent, childrenPercent, residentMb, anonymousMb, checkSeconds } = figures
    const cells = [
      cpuPercent.toFixed(2),
      childrenPercent.toFixed(2),
      residentMb.toFixed(1),
      anonymousMb.toFixed(1),
      checkSeconds?.toFixed(1) ?? '',
    ]
    return `| ${[what, ...cells].join(' | ')} |`
  })
  const heading =
    '| what | CPU % of a core | its programs, CPU % | resident MB | anonymous MB | a whole check, s |'
  return `${[heading, '|---|---|---|---|---|---|', ...rows].join('\n')}\n`
}

function whole(text: string, option: string, least: number, most: number): number {
  const value = Number(text)
  if (text !== '' && Number.isInteger(value) && value >= least && value <= most) return value
  throw new TypeError(`${option} ${text}: a whole number from ${String(least)} to ${String(most)}`)
}

function say(text: string): void {
  process.stdout.write(text)
}

try {
  await main()
} catch (error) {
  process.stderr.write(`bench:idle: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = error instanceof TypeError ? 2 : 1
}
