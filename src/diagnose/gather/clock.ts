// Gathers what the clock can be compared with offline: files written earlier, and the
// service that synchronises it.

import { existsSync, readFileSync, statSync } from 'node:fs'
import type { Facts } from '../../check/facts.ts'
import { processIds, threadNameOf } from '../../kernel/processes.ts'
import type { GatherContext } from '../context.ts'

export async function gatherClock({ get, settingsFile }: GatherContext): Promise<Facts['clock']> {
  const { stateDir, nebula } = await get('settings')
  const paths = [settingsFile, stateDir, `${stateDir}/leases`, nebula.cert, nebula.ca, process.execPath]
  const [youngest] = paths
    .flatMap((path) => {
      const stat = statSync(path, { throwIfNoEntry: false })
      return stat === undefined ? [] : [{ path, at: Math.floor(stat.ctimeMs / 1000) }]
    })
    .toSorted((a, b) => b.at - a.at)
  const uptimeSeconds = Math.floor(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]))
  return { youngest, uptimeSeconds, keeper: keeperOf() }
}

// systemd-timesyncd(8) creates the file once the clock is synchronised. The other services
// are detected by process.
function keeperOf(): string | undefined {
  if (existsSync('/run/systemd/timesync/synchronized')) return 'systemd-timesyncd'
  const names = new Set(['chronyd', 'ntpd', 'openntpd', 'ntpd-rs'])
  return processIds()
    .map(threadNameOf)
    .find((name) => names.has(name))
}
