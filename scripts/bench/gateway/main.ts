// `npm run bench:gateway`: the HTTP Gateway against plain nginx and Caddy in front of the same container, in
// turn. It prints figures and asserts nothing. docs/benchmark.md explains how to read them.

import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { run } from '../../lab/run.ts'
import type { GatewayOrders, GatewayReport } from './inside.ts'
import { renderTable } from './report.ts'

const USAGE = `usage: npm run bench:gateway -- [--rounds 15] [--seconds 2] [--connections 16] [--workers 2]
                                [--json FILE]
  --rounds       how often each server is measured, in turn, in alternating order
  --seconds      length of one measurement
  --connections  kept open by the load generator
  --workers      processes of each server
  --json         where every measurement goes (dist/bench-gateway.json)
Needs root, nginx with Lua (scripts/setup.sh) and wrk: apt-get install wrk; compares with Caddy too, if it is
installed: apt-get install caddy. Everything it starts is in its own namespaces and ends with it.
`

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '15' },
      seconds: { type: 'string', default: '2' },
      connections: { type: 'string', default: '16' },
      workers: { type: 'string', default: '2' },
      json: { type: 'string', default: join(import.meta.dirname, '../../../dist/bench-gateway.json') },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return void process.stdout.write(USAGE)
  if (process.getuid?.() !== 0) throw new Error('network namespaces need root')
  for (const program of ['nginx', 'wrk'])
    if ((await run(['which', program], { check: false })).exitCode !== 0)
      throw new Error(`${program} is missing: apt-get install ${program}`)
  const report = await runInside({
    pairs: whole(values.rounds, '--rounds', 1000),
    seconds: whole(values.seconds, '--seconds', 600),
    connections: whole(values.connections, '--connections', 1000),
    workers: whole(values.workers, '--workers', 64),
  })
  writeFileSync(values.json, `${JSON.stringify(Object.fromEntries(report), null, 1)}\n`)
  process.stdout.write(renderTable(report))
}

async function runInside(orders: Omit<GatewayOrders, 'work'>): Promise<GatewayReport> {
  const work = mkdtempSync('/var/tmp/flatnet-gateway-')
  // Workers run as www-data and open their logs again.
  chmodSync(work, 0o755)
  // A PID namespace ends with its first process and takes all others with it.
  const unshare = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child', '--']
  const argv = [join(import.meta.dirname, 'inside.ts'), JSON.stringify({ ...orders, work })]
  try {
    const child = spawn('unshare', [...unshare, process.execPath, ...argv], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill('SIGKILL'))
    let report: GatewayReport | undefined
    child.on('message', (message: GatewayReport) => (report = message))
    await new Promise((done, failed) => child.on('error', failed).on('close', done))
    if (report === undefined) throw new Error('the run ended without a report')
    return report
  } finally {
    rmSync(work, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
  }
}

function whole(text: string, option: string, most: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= most) return value
  throw new Error(`${option} needs a whole number from 1 to ${String(most)}, got ${text}`)
}

main().catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
})
