// The prerequisites of a run, and a description of the machine behind the figures.

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cpus, release } from 'node:os'
import { join } from 'node:path'
import { REFERENCE_FOLDER } from './networks.ts'

const ROOT = join(import.meta.dirname, '../../../..')

/** Node's own executable as installed by npm; the build embeds the same one in ours. */
export const BARE_NODE = join(ROOT, `node_modules/node-linux-${process.arch}/bin/node`)

const NEEDED: Readonly<Record<string, string>> = {
  '/usr/bin/nsenter': 'apt-get install util-linux',
  '/usr/sbin/nft': 'apt-get install nftables',
  '/usr/sbin/iptables': 'apt-get install iptables',
  [`${REFERENCE_FOLDER}/bridge`]: 'apt-get install containernetworking-plugins',
  [`${REFERENCE_FOLDER}/host-local`]: 'apt-get install containernetworking-plugins',
  [BARE_NODE]: 'npm ci',
}

/** Returns why this machine cannot run the bench, or undefined. */
export function whyNot(executable: string): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces need Linux'
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  if (!existsSync(executable)) return `${executable} is missing: npm run build`
  const missing = Object.entries(NEEDED).find(([path]) => !existsSync(path))
  return missing && `${missing[0]} is missing: ${missing[1]}`
}

/** Returns facts that help to judge the figures. */
export function describeMachine(executable: string): Record<string, string> {
  const processors = cpus()
  return {
    'flatnet-cni': say(executable, ['version']),
    'reference plugins': say('dpkg-query', ['-W', '-f', '${Version}', 'containernetworking-plugins']),
    iptables: say('iptables', ['--version']),
    kernel: release(),
    processors: `${processors.length} x ${processors[0]?.model ?? 'unknown'}`,
  }
}

function say(file: string, args: readonly string[]): string {
  try {
    return execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return 'unknown'
  }
}
