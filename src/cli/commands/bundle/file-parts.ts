// The files that determine this host's behaviour. Private keys are never among them.

import { SETTINGS_FILE, type Settings } from '../../../config/settings.ts'
import { CniCode, CniError } from '../../../cni/error.ts'
import { isThere, readTail } from '../../../state/files/output-file.ts'
import { namesIn } from '../../../state/addresses/records.ts'
import { configFiles } from '../../../state/files/config-files.ts'
import { readLearnt } from '../../../state/agent/learnt-peers.ts'
import { listCertificates, readOptional } from '../../../state/files/source-file.ts'
import { run } from '../../../exec/run.ts'
import type { Part, PartList } from './parts.ts'

const CONFLISTS = '/etc/cni/net.d'
/** The networks of podman 5; those of podman 4 are conflists. */
const PODMAN_NETWORKS = '/etc/containers/networks'
/** The agent's log file on a host without systemd. */
const AGENT_LOG = '/var/log/flatnet-agent.log'
const LOG_BYTES = 262_144
const JOURNAL_LINES = 2000

/**
 * Returns settings, network configurations, certificates, Nebula's configuration and the tail of the
 * agent's log.
 */
export function fileParts(settings: Settings | undefined): readonly (Part | PartList)[] {
  const shared: (Part | PartList)[] = [
    textPart('settings/flatnet.json', SETTINGS_FILE),
    {
      path: 'cni/',
      list: () =>
        namesIn(CONFLISTS)
          .filter((name) => /^[\w.-]+\.(conflist|conf|json)$/.test(name))
          .map((name) => textPart(`cni/${name}`, `${CONFLISTS}/${name}`)),
    },
    {
      path: 'podman/',
      list: () =>
        namesIn(PODMAN_NETWORKS)
          .filter((name) => /^[\w.-]+\.json$/.test(name))
          .map((name) => textPart(`podman/${name}`, `${PODMAN_NETWORKS}/${name}`)),
    },
    tailPart('agent.log', AGENT_LOG),
    journalPart('agent-journal.log'),
  ]
  if (settings === undefined) return shared
  const { nebula, peers, dataDir } = settings
  return [
    ...shared,
    certificatePart('nebula/ca.crt', nebula.ca),
    certificatePart('nebula/host.crt', nebula.cert),
    {
      path: 'nebula/config/',
      list: () => configFiles(nebula.config).map((path, index) => textPart(configName(path, index), path)),
    },
    {
      path: 'peers/',
      list: () =>
        listCertificates(peers)
          .filter((name) => /^[\w.-]+$/.test(name))
          .map((name) => certificatePart(`peers/${name}`, `${peers}/${name}`)),
    },
    {
      path: 'peers/learnt/',
      list: () =>
        readLearnt(dataDir).map(({ fingerprint, text }): Part => ({
          path: `peers/learnt/${fingerprint}.crt`,
          read: () => ({ text: certificatesOnly(text) }),
        })),
    },
  ]
}

// With systemd the agent logs to the journal.
function journalPart(path: string): Part {
  return {
    path,
    read: async () => {
      if (!isThere('/run/systemd/system')) return undefined
      const args = ['-u', 'flatnet-agent', '-n', String(JOURNAL_LINES), '-o', 'cat', '--no-pager']
      const { exitCode, stdout, stderr } = await run({ file: 'journalctl', args })
      if (exitCode !== 0) throw new CniError(CniCode.IoFailure, 'journal not readable', stderr.trim())
      return { text: stdout }
    },
  }
}

function textPart(path: string, from: string): Part {
  return {
    path,
    read: () => {
      const text = readOptional(from, 'file')
      return text === undefined ? undefined : { text }
    },
  }
}

function tailPart(path: string, from: string): Part {
  return {
    path,
    read: () => {
      const text = readTail(from, LOG_BYTES)
      return text === undefined ? undefined : { text }
    },
  }
}

function certificatePart(path: string, from: string): Part {
  return {
    path,
    read: () => {
      const text = readOptional(from, 'certificate')
      return text === undefined ? undefined : { text: certificatesOnly(text) }
    },
  }
}

// Drops everything else that the file contains.
function certificatesOnly(text: string): string {
  const blocks =
    text.match(/-----BEGIN [A-Z0-9 ]*CERTIFICATE[A-Z0-9 ]*-----[^-]*-----END [A-Z0-9 ]*-----/g) ?? []
  return blocks.length === 0 ? '(no certificate in this file)\n' : `${blocks.join('\n')}\n`
}

function configName(path: string, index: number): string {
  const name = path.split('/').at(-1) ?? ''
  return `nebula/config/${String(index).padStart(2, '0')}-${name.replaceAll(/[^\w.-]/g, '_')}`
}
