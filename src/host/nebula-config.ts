// Nebula's own configuration on this host. The only file that reads YAML, for the agent and the command line; the CNI
// verbs have no need of it.

import { parseAllDocuments } from 'yaml'

import { CniError } from '../cni/error.ts'
import type { Settings } from '../config/settings.ts'
import type { Log } from '../log.ts'
import { mergeConfigs } from '../nebula/merge-configs.ts'
import { type NebulaFacts, nebulaFacts } from '../nebula/nebula-config.ts'
import { rememberBlocklist, rememberedBlocklist } from '../state/blocklist.ts'
import { configFiles } from '../state/config-files.ts'
import { readOptional } from '../state/source-file.ts'

/** What there is. In any state but 'read' the facts are empty. */
export interface NebulaConfig {
  readonly state: 'read' | 'absent' | 'damaged'
  /** The file or folder that was looked at, and the files that were found. */
  readonly path: string
  readonly files: readonly string[]
  readonly facts: NebulaFacts
  /** What is wrong, each sentence naming file or key. */
  readonly problems: readonly string[]
}

/** Reads `settings.nebula.config`, a file or a folder. Throws nothing: the traffic does not depend on this file. */
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

/** The whole configuration as JSON has it, keys and all; undefined when it cannot be read. */
export function nebulaConfigValue(path: string): unknown {
  try {
    return mergeConfigs(configFiles(path).map(readYaml))
  } catch (error) {
    if (error instanceof CniError || error instanceof YamlError) return undefined
    throw error
  }
}

class YamlError extends Error {}

// Nebula reads the first document (yaml.Unmarshal), knows merge keys, and refuses keys that come twice, as is done here.
// An alias counts each time it is used, so that a few lines cannot become a billion values.
function readYaml(path: string): unknown {
  const text = readOptional(path, 'nebula configuration') ?? ''
  try {
    const [document] = parseAllDocuments(text, { merge: true, logLevel: 'error' })
    if (document === undefined || !('contents' in document)) return undefined
    const [error] = document.errors
    if (error !== undefined) throw error
    // Through JSON, which refuses what holds itself (`&a [*a]`).
    const value = JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: 100 }) ?? {})) as unknown
    if (typeof value === 'object' && !Array.isArray(value)) return value
    throw new Error('keys and values are needed')
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    throw new YamlError(`${path}: is no YAML that Nebula reads: ${reason}`, { cause: error })
  }
}

/**
 * The fingerprints that Nebula's configuration blocks (pki.blocklist), left for the CNI verbs too. While the
 * configuration is damaged, those of the last time count. What is wrong with the file is logged.
 */
export function loadBlocklist(settings: Settings, log: Log): ReadonlySet<string> {
  const { config } = settings.nebula
  const { state, facts, problems } = loadNebulaConfig(config)
  for (const error of problems) log('warn', 'nebula configuration', { file: config, error })
  if (state === 'damaged') return rememberedBlocklist(settings.dataDir)
  const blocklist = new Set(facts.pki.blocklist)
  rememberBlocklist(settings.dataDir, blocklist)
  return blocklist
}
