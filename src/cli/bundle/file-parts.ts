// The files that decide how this host behaves. Private keys are never among them.

import { SETTINGS_FILE, type Settings } from '../../config/settings.ts'
import { readTail } from '../../state/output-file.ts'
import { namesIn } from '../../state/records.ts'
import { configFiles } from '../../state/config-files.ts'
import { readLearnt } from '../../state/learnt-peers.ts'
import { listCertificates, readOptional } from '../../state/source-file.ts'
import type { Part } from './parts.ts'

const CONFLISTS = '/etc/cni/net.d'
/** Where the service of a host without systemd writes; with systemd it is in the journal. */
const AGENT_LOG = '/var/log/flatnet-agent.log'
const LOG_BYTES = 262_144

/** Settings, network configurations, certificates, Nebula's configuration and the end of the agent's log. */
export function fileParts(settings: Settings | undefined): readonly Part[] {
  const conflists = namesIn(CONFLISTS)
    .filter((name) => /^[\w.-]+\.(conflist|conf|json)$/.test(name))
    .map((name) => textPart(`cni/${name}`, `${CONFLISTS}/${name}`))
  const shared = [
    textPart('settings/flatnet.json', SETTINGS_FILE),
    ...conflists,
    tailPart('agent.log', AGENT_LOG),
  ]
  if (settings === undefined) return shared
  const { nebula, peers, dataDir } = settings
  return [
    ...shared,
    certificatePart('nebula/ca.crt', nebula.ca),
    certificatePart('nebula/host.crt', nebula.cert),
    ...configFiles(nebula.config).map((path, index) => textPart(configName(path, index), path)),
    ...listCertificates(peers)
      .filter((name) => /^[\w.-]+$/.test(name))
      .map((name) => certificatePart(`peers/${name}`, `${peers}/${name}`)),
    ...readLearnt(dataDir).map(({ fingerprint, text }): Part => ({
      path: `peers/learnt/${fingerprint}.crt`,
      read: () => ({ text: certificatesOnly(text) }),
    })),
  ]
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

// Whatever else somebody has put into the file stays here.
function certificatesOnly(text: string): string {
  const blocks =
    text.match(/-----BEGIN [A-Z0-9 ]*CERTIFICATE[A-Z0-9 ]*-----[^-]*-----END [A-Z0-9 ]*-----/g) ?? []
  return blocks.length === 0 ? '(no certificate in this file)\n' : `${blocks.join('\n')}\n`
}

function configName(path: string, index: number): string {
  const name = path.split('/').at(-1) ?? ''
  return `nebula/config/${String(index).padStart(2, '0')}-${name.replaceAll(/[^\w.-]/g, '_')}`
}
