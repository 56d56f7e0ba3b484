// The modules that are installed for the kernel that runs.

import { existsSync, readFileSync } from 'node:fs'
import { errnoCode } from '../cni/error.ts'

/** "6.6.87.2-microsoft-standard-WSL2" */
export function kernelRelease(): string {
  return readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim()
}

/** Tells whether modules for this exact kernel are installed. */
export function hasModules(release: string): boolean {
  return existsSync(folderOf(release))
}

/** Returns the modules that can be loaded, without those that are built in. */
export function installedModules(release: string): ReadonlySet<string> {
  try {
    return moduleNames(readFileSync(`${folderOf(release)}/modules.dep`, 'utf8'))
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return new Set()
    throw error
  }
}

/**
 * Returns the names in a modules.dep, each line "kernel/net/bridge/bridge.ko.xz: kernel/net/llc/llc.ko.xz".
 * Names have dashes in files and underscores elsewhere (modprobe(8)).
 */
export function moduleNames(text: string): ReadonlySet<string> {
  const files = text.matchAll(/^(?:[^\s:]*\/)?([^\s/:]+)\.ko(?:\.\w+)?:/gm)
  return new Set([...files].map(([, name = '']) => name.replaceAll('-', '_')))
}

function folderOf(release: string): string {
  return `/lib/modules/${release}`
}
