// Removes from the kernel what flatnet added: routes, rules, the bridge. Missing ones are not an error.

import { nftTry } from '../exec/network/nft.ts'
import { run } from '../exec/run.ts'
import { NAMES_TABLE } from '../net/names-rules.ts'
import { TABLE } from '../net/nft-table.ts'
import { ROUTE_PROTOCOL } from '../ip/route.ts'

const FAMILIES = [
  ['-4', 'ip'],
  ['-6', 'ip6'],
] as const
const TABLES = [TABLE, NAMES_TABLE, `${TABLE}_drill`, `${TABLE}_drill_seen`]
// Where another firewall drops by default, its chains hold our accept rules.
const OTHER_CHAINS = ['FORWARD', 'DOCKER-USER']

/** Clears. @param bridge its name in the settings */
export async function clearKernel(bridge: string): Promise<void> {
  for (const [version, family] of FAMILIES) {
    const proto = String(ROUTE_PROTOCOL)
    await run({ file: 'ip', args: [version, 'route', 'flush', 'table', 'all', 'proto', proto] })
    for (const table of TABLES) await nftTry(`delete table ${family} ${table}\n`)
    for (const chain of OTHER_CHAINS) await deleteAcceptRules(family, chain)
  }
  // A bridge with ports of others is theirs, too.
  const { exitCode, stdout } = await run({ file: 'ip', args: ['-o', 'link', 'show', 'master', bridge] })
  if (exitCode === 0 && stdout === '') await run({ file: 'ip', args: ['link', 'delete', 'dev', bridge] })
}

async function deleteAcceptRules(family: string, chain: string): Promise<void> {
  const { exitCode, stdout } = await run({
    file: 'nft',
    args: ['-a', 'list', 'chain', family, 'filter', chain],
  })
  if (exitCode !== 0) return
  const handles = [...stdout.matchAll(/ comment "flatnet" # handle (\d+)$/gm)].map(([, handle]) => handle)
  for (const handle of handles) await nftTry(`delete rule ${family} filter ${chain} handle ${handle ?? ''}\n`)
}
