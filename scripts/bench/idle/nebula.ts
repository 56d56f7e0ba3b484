// Measures Nebula for comparison with the agent: an idle lighthouse.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type IdleFigures, measure } from './measure.ts'
import type { IdleHosts } from './settings.ts'

/**
 * Measures Nebula.
 * @param programs folder with `nebula`
 * @throws Error when it does not run
 */
export async function measureNebula(
  programs: string,
  folder: string,
  { ca, own }: IdleHosts,
  seconds: number,
): Promise<IdleFigures> {
  const config = {
    pki: { ca, cert: own.cert, key: own.key },
    lighthouse: { am_lighthouse: true },
    listen: { host: '0.0.0.0', port: 4242 },
    tun: { dev: 'nebula2' },
    firewall: { outbound: [], inbound: [] },
  }
  // JSON is valid YAML.
  const file = join(folder, 'config.yml')
  writeFileSync(file, JSON.stringify(config))
  // It takes over the address of the stand-in.
  execFileSync('ip', ['link', 'delete', 'nebula1'])
  const nebula = spawn(join(programs, 'nebula'), ['-config', file], { stdio: 'ignore' })
  const ended = once(nebula, 'exit')
  try {
    await once(nebula, 'spawn')
    await pause(5000)
    if (nebula.exitCode !== null) throw new Error(`nebula has ended with ${String(nebula.exitCode)}`)
    return await measure(nebula.pid ?? 0, seconds)
  } finally {
    nebula.kill('SIGKILL')
    await ended
  }
}
