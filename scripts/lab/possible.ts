// Whether a lab can be made on this machine, for tests that skip with a reason.
import { existsSync } from 'node:fs'
import { nebulaFolder, type NebulaSeries } from './packages.ts'

// What the lab itself runs, beside Nebula.
const PROGRAMS = [
  '/usr/bin/nsenter',
  '/usr/bin/unshare',
  '/usr/sbin/nft',
  '/usr/bin/podman',
  '/usr/bin/setpriv',
]

/** The reason why there can be no lab, or false: fits tap's `skip`. */
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
