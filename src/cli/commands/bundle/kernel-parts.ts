// The kernel's view of links, addresses, routes and rules, without values that change from one reading
// to the next.

import { parseShown } from '../../../ip/show.ts'
import { release } from 'node:os'
import { run } from '../../../exec/run.ts'
import { programFacts } from '../../program.ts'
import type { Part } from './parts.ts'

const QUERIES: Readonly<Record<string, readonly string[]>> = {
  link: ['-details', 'link', 'show'],
  address: ['address', 'show'],
  route: ['route', 'show', 'table', 'all'],
  route6: ['-6', 'route', 'show', 'table', 'all'],
  rule: ['rule', 'show'],
  rule6: ['-6', 'rule', 'show'],
}

/** Returns `ip -j` documents, the nft ruleset and the versions of everything involved. */
export function kernelParts(): readonly Part[] {
  const queries = Object.entries(QUERIES).map(([name, args]): Part => ({
    path: `ip/${name}.json`,
    read: async () => {
      const { stdout } = await run({ file: 'ip', args: ['-j', ...args] })
      return { json: steady(parseShown(stdout)) }
    },
  }))
  return [
    ...queries,
    {
      path: 'nft/ruleset.txt',
      // --stateless: no counters and no timers.
      read: async () => ({
        text: (await run({ file: 'nft', args: ['--stateless', 'list', 'ruleset'] })).stdout,
      }),
    },
    {
      path: 'versions.json',
      read: async () => ({
        json: {
          ...programFacts(),
          kernel: release(),
          ip: (await run({ file: 'ip', args: ['-V'] })).stdout.trim(),
          nft: (await run({ file: 'nft', args: ['--version'] })).stdout.trim(),
        },
      }),
    },
  ]
}

// Lifetimes and timers count down.
const UNSTEADY = new Set([
  'valid_life_time',
  'preferred_life_time',
  'expires',
  'state',
  'used',
  'confirmed',
  'updated',
  'refcnt',
  'probes',
])
const TIMERS = /_timer$|^(rx|tx)_|^stats/

function steady(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(steady)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !UNSTEADY.has(key) && !TIMERS.test(key))
      .map(([key, each]) => [key, steady(each)]),
  )
}
