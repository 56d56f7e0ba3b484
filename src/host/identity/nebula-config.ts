// Nebula's own configuration on this host. Only this file reads YAML, for the agent and the command
// line. The CNI verbs do not need it.

import { parseAllDocuments } from 'yaml'

import { CniError } from '../../cni/error.ts'
import type { Settings } from '../../config/settings.ts'
import { decodeUnicode } from '../../config/source-text.ts'
import type { Log } from '../../log.ts'
import { mergeConfigs } from '../../nebula/configuration/merge-configs.ts'
import { type NebulaFacts, nebulaFacts } from '../../nebula/configuration/nebula-config.ts'
import { rememberBlocklist, rememberedBlocklist } from '../../state/agent/blocklist.ts'
import { configFiles } from '../../state/files/config-files.ts'
import { readOptional } from '../../state/files/source-file.ts'

/** What was found. In any state but 'read' the facts are empty. */
export interface NebulaConfig {
  readonly state: 'read' | 'absent' | 'damaged'
  /** The file or folder that was looked at, and the files that were found. */
  readonly path: string
  readonly files: readonly string[]
  readonly facts: NebulaFacts
  /** The faults, each in a sentence that names file or key. */
  readonly problems: readonly string[]
}

/**
 * Reads `settings.nebula.config`, a file or a folder. Never throws, because
 * traffic does not depend on this file.
 */
export function loadNebulaConfig(path: string): NebulaConfig {
  let files: readonly string[] = []
  try {
    files = configFiles(path)
    if (files.length === 0) {
      const hint = 'set its path in /etc/flatnet/flatnet.json ("nebula": {"config": …})'
      return {
        state: 'absent',
        path,
        files,
        facts: nebulaFacts({}),
        problems: [`${path}: no such file; ${hint}`],
      }
    }
    const facts = nebulaFacts(mergeConfigs(files.map(readYaml)))
    return {
      state: 'read',
      path,
      files,
      facts,
      problems: facts.problems.map((problem) => `${path}: ${problem}`),
    }
  } catch (error) {
    if (!(error instanceof CniError) && !(error instanceof YamlError)) throw error
    const problem = error instanceof CniError ? error.details : error.message
    return { state: 'damaged', path, files, facts: nebulaFacts({}), problems: [problem] }
  }
}

/** Returns the whole configuration as JSON, or undefined if it cannot be read. */
export function nebulaConfigValue(path: string): unknown {
  try {
    return mergeConfigs(configFiles(path).map(readYaml))
  } catch (error) {
    if (error instanceof CniError || error instanceof YamlError) return undefined
    throw error
  }
}

class YamlError extends Error {}

// Like Nebula (yaml.Unmarshal): reads the first document, understands merge keys, and refuses duplicate keys.
// An alias counts each time it is used, so that a few lines cannot become a billion values.
function readYaml(path: string): unknown {
  const text = readOptional(path, 'nebula configuration', decodeUnicode) ?? ''
  try {
    const [document] = parseAllDocuments(text, { merge: true, logLevel: 'error' })
    if (document === undefined || !('contents' in document)) return undefined
    const [error] = document.errors
    if (error !== undefined) throw error
    // JSON refuses a value that contains itself (`&a [*a]`).
    const value = JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: 100 }) ?? {})) as unknown
    if (typeof value === 'object' && !Array.isArray(value)) return value
    throw new Error('it must consist of keys and values')
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    throw new YamlError(`${path}: is not YAML that Nebula can read: ${reason}`, { cause: error })
  }
}

/**
 * Returns the fingerprints that Nebula's configuration blocks (pki.blocklist) and those that were revoked,
 * and stores them for the CNI verbs. While the configuration is damaged, its last good list applies. Problems
 * of the file are logged.
 */
export function loadBlocklist(
  settings: Settings,
  revoked: ReadonlySet<string>,
  log: Log,
): ReadonlySet<string> {
  const { config } = settings.nebula
  const { state, facts, problems } = loadNebulaConfig(config)
  for (const error of problems) log('warn', 'nebula configuration', { file: config, error })
  const configured = state === 'damaged' ? rememberedBlocklist(settings.dataDir) : facts.pki.blocklist
  const blocklist = new Set([...configured, ...revoked])
  rememberBlocklist(settings.dataDir, blocklist)
  return blocklist
}
