// Everything on a host that a call could change, as text: links, addresses, routes, rules and state files.

import { readdirSync } from 'node:fs'
import { relative } from 'node:path'
import type { TestHost } from '../../test/fixtures/host/host.ts'
import type { Netns } from '../../test/fixtures/host/netns.ts'

const HOST = [
  'ip -brief link',
  'ip -brief address',
  'ip route show table all',
  'ip -6 route',
  'nft list ruleset',
].join('\n')

/** Takes the picture, one fact per line. Only the links of `containers` are included. */
export async function takePicture(host: TestHost, containers: readonly Netns[]): Promise<readonly string[]> {
  const { stdout } = await host.netns.exec(['sh', '-ec', HOST])
  const inside = await Promise.all(containers.map((container) => container.exec(['ip', '-brief', 'link'])))
  return [
    ...stdout.split('\n'),
    ...inside.map((shown, index) => `container ${String(index)}: ${shown.stdout}`),
    ...stateFiles(host),
  ]
}

/** Returns what appeared and what disappeared, as `+ line` and `- line`; empty if nothing changed. */
export function compare(before: readonly string[], after: readonly string[]): readonly string[] {
  return [
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
  ]
}

/**
 * Returns the files of the state directory that matter. The cache of free addresses may come and go, and a
 * later call removes what a killed process had not finished writing.
 */
function stateFiles(host: TestHost): readonly string[] {
  try {
    return (
      readdirSync(host.stateDir, { recursive: true, withFileTypes: true, encoding: 'utf8' })
        .filter((entry) => entry.isFile() && !/^(\.tmp-|next\.)/.test(entry.name))
        // Entries of the lock, or of a lock being made, are marks of processes that have exited.
        .filter((entry) => !/^(lock|\.tmp-[^/]*)$/.test(relative(host.stateDir, entry.parentPath)))
        .map((entry) => `state ${relative(host.stateDir, entry.parentPath)}/${entry.name}`)
    )
  } catch {
    return []
  }
}
