// The fingerprints that Nebula's configuration blocks. The agent writes them for the CNI verbs, which read no
// YAML: <dataDir>/peers/blocklist.json, a list of texts. Without the file nothing is blocked; Nebula itself
// still refuses those hosts.

import { join } from 'node:path'

import { readCache, writeCache } from '../files/cache.ts'
import { learntFolder } from '../files/certificate-folder.ts'

/** Writes the blocklist if it differs from the file. */
export function rememberBlocklist(dataDir: string, blocklist: ReadonlySet<string>): void {
  const known = rememberedBlocklist(dataDir)
  if (known.size === blocklist.size && [...known].every((each) => blocklist.has(each))) return
  writeCache(blocklistPath(dataDir), [...blocklist].toSorted())
}

/** Returns the blocklist that the agent read last; empty if the file cannot be read. */
export function rememberedBlocklist(dataDir: string): ReadonlySet<string> {
  const list = readCache(blocklistPath(dataDir))
  return new Set(Array.isArray(list) ? list.filter((each) => typeof each === 'string') : [])
}

function blocklistPath(dataDir: string): string {
  return join(learntFolder(dataDir), 'blocklist.json')
}
