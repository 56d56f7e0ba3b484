// All of a host that a call could change, as text: links, addresses, routes, rules and state files.

import { readdirSync } from 'node:fs'
import { relative } from 'node:path'
import type { TestHost } from '../../test/fixtures/host.ts'
import type { Netns } from '../../test/fixtures/netns.ts'

const HOST = [
  'ip -brief link',
  'ip -brief address',
  'ip route show table all',
  'ip -6 route',
  'nft list ruleset',
].join('\n')

/** Takes the picture, one fact a line. `containers` are looked at for links only. */
export async function takePicture(host: TestHost, containers: readonly Netns[]): Promise<readonly string[]> {
  const { stdout } = await host.netns.exec(['sh', '-ec', HOST])
  const inside = await Promise.all(containers.map((container) => container.exec(['ip', '-brief', 'link'])))
  return [
    ...stdout.split('\n'),
    ...inside.map((shown, index) => `container ${String(index)}: ${shown.stdout}`),
    ...stateFiles(host),
  ]
}

/** What came and what went, as `+ line` and `- line`; empty when nothing did. */
export function compare(before: readonly string[], after: readonly string[]): readonly string[] {
  return [
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
  ]
}

/**
 * Files of the state directory that mean something: not the cache of free addresses, which may come and go, and not what a
 * killed process had not finished to write, which a later call clears away.
 */
function stateFiles(host: TestHost): readonly string[] {
  try {
    return readdirSync(host.stateDir, { recursive: true, withFileTypes: true, encoding: 'utf8' })
      .filter((entry) => entry.isFile() && !/^(\.tmp-|next\.)/.test(entry.name))
      .map((entry) => `state ${relative(host.stateDir, entry.parentPath)}/${entry.name}`)
  } catch {
    return []
  }
}
