// Tells whether this machine can run a lab, for tests that skip with a reason.
import { existsSync } from 'node:fs'
import { nebulaFolder, type NebulaSeries } from './nebula/packages.ts'

// The programs that the lab runs besides Nebula.
const PROGRAMS = [
  '/usr/bin/nsenter',
  '/usr/bin/unshare',
  '/usr/sbin/nft',
  '/usr/bin/podman',
  '/usr/bin/setpriv',
]

/** Returns why there can be no lab, or false: the values that tap's `skip` takes. */
export function whyNoLab(series: NebulaSeries = '1.11'): string | false {
  if (process.platform !== 'linux') return 'network namespaces need Linux'
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  const missing = PROGRAMS.find((program) => !existsSync(program))
  if (missing !== undefined) return `${missing} is missing: run scripts/setup.sh`
  try {
    nebulaFolder(series)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return false
}
