// Tells this host's Nebula which certificates are revoked: into pki.blocklist, then SIGHUP.

import { CniCode, CniError } from '../../cni/error.ts'
import type { Settings } from '../../config/settings.ts'
import { loadNebulaConfig } from '../identity/nebula-config.ts'
import { reloadNebula } from '../../kernel/nebula/reload.ts'
import { isReloadDue, noteReloadDue, noteReloaded } from '../../state/agent/statements.ts'
import { createFile, readText, replaceFile } from '../../state/files/atomic.ts'
import { changeOwn } from './change-own.ts'
import { withBlocklist } from './yaml-blocklist.ts'

/** What was done. */
export interface Blocked {
  /** Fingerprints that were missing in pki.blocklist. */
  readonly added: number
  /** Processes that were told to read their files again. */
  readonly told: readonly number[]
}

/** A file of ours in a folder of configuration files, whose lists Nebula joins. */
const OWN_FILE = 'flatnet-blocklist.yml'

/**
 * Adds the fingerprints. A kill at any point is made up for by the next call. Does nothing where no
 * configuration exists.
 * @throws CniError that names the file and what to add by hand
 */
export function blockInNebula(
  { nebula: { config }, dataDir }: Pick<Settings, 'nebula' | 'dataDir'>,
  fingerprints: ReadonlySet<string>,
): Blocked {
  const { state, facts, files, problems } = loadNebulaConfig(config)
  if (state === 'damaged')
    throw new CniError(CniCode.DecodeFailure, 'nebula configuration not readable', problems.join('; '))
  const known = new Set(facts.pki.blocklist)
  const missing = [...fingerprints].filter((each) => !known.has(each)).toSorted()
  if (state === 'read' && missing.length > 0) {
    noteReloadDue(dataDir)
    const isFolder = files.length !== 1 || files[0] !== config
    if (isFolder) writeOwnFile(`${config}/${OWN_FILE}`, missing)
    else changeOwn(config, (text) => extended(config, text, [...known, ...missing]))
  }
  if (!isReloadDue(dataDir)) return { added: 0, told: [] }
  const told = reloadNebula(config)
  noteReloaded(dataDir)
  return { added: missing.length, told }
}

function extended(file: string, text: string, all: readonly string[]): string {
  const changed = withBlocklist(text, all)
  if (changed !== undefined) return changed
  throw new CniError(
    CniCode.InvalidConfig,
    'blocklist not extended',
    `${file}: has no section pki that can be extended: ` +
      `add ${all.join(', ')} to pki.blocklist there, and reload Nebula`,
  )
}

const HEAD =
  '# Revoked certificates, written by flatnet-cni. Nebula joins this list with that of its other files.\n'

function writeOwnFile(path: string, missing: readonly string[]): void {
  const known = loadNebulaConfig(path).facts.pki.blocklist
  const list = [...known, ...missing].map((each) => `    - "${each}"\n`).join('')
  const text = `${HEAD}pki:\n  blocklist:\n${list}`
  if (readText(path) === undefined && createFile(path, text)) return
  replaceFile(path, text, true)
}
