// The fingerprints that Nebula's configuration blocks, left by the agent for the CNI verbs, which read no YAML:
// <dataDir>/peers/blocklist.json, a list of texts. Without the file nothing is blocked; Nebula itself keeps those hosts out anyway.

import { join } from 'node:path'

import { readCache, writeCache } from './cache.ts'
import { learntFolder } from './certificate-folder.ts'

/** Writes it down where it differs from what is there. */
export function rememberBlocklist(dataDir: string, blocklist: ReadonlySet<string>): void {
  const known = rememberedBlocklist(dataDir)
  if (known.size === blocklist.size && [...known].every((each) => blocklist.has(each))) return
  writeCache(blocklistPath(dataDir), [...blocklist].toSorted())
}

/** What the agent has read last; empty when there is nothing that can be read. */
export function rememberedBlocklist(dataDir: string): ReadonlySet<string> {
  const list = readCache(blocklistPath(dataDir))
  return new Set(Array.isArray(list) ? list.filter((each) => typeof each === 'string') : [])
}

function blocklistPath(dataDir: string): string {
  return join(learntFolder(dataDir), 'blocklist.json')
}
