// Anonymises the parts of an archive.

import { hostname } from 'node:os'
import { formatPrefix } from '../../../addr/prefix.ts'
import type { ContainerView } from '../../../views/containers.ts'
import { CniError } from '../../../cni/error.ts'
import type { Settings } from '../../../config/settings.ts'
import { nebulaConfigValue } from '../../../host/identity/nebula-config.ts'
import type { Certificate } from '../../../nebula/certificate/certificate.ts'
import { parseCertificates } from '../../../nebula/certificate/parse.ts'
import type { StatusReport } from '../status/report.ts'
import { type Anonymiser, makeAnonymiser } from './anonymise.ts'
import type { Content } from './parts.ts'

/**
 * Returns the anonymised parts. Certificates are replaced by their facts, since their bytes contain names.
 * Nebula's configuration is reduced to JSON, since comments may contain anything.
 */
export function anonymous(
  contents: ReadonlyMap<string, Content>,
  report: StatusReport,
  settings: Settings | undefined,
): ReadonlyMap<string, Content> {
  const config = settings === undefined ? undefined : nebulaConfigValue(settings.nebula.config)
  const certificates = [...contents].filter(([path]) => path.endsWith('.crt') || path.startsWith('peers/'))
  const read = certificates.flatMap(([path, content]) =>
    'text' in content ? certificatesIn(content.text, path) : [],
  )
  const opened = new Map([...contents].filter(([path]) => !certificates.some(([other]) => other === path)))
  for (const path of opened.keys()) if (path.startsWith('nebula/config/')) opened.delete(path)
  if (config !== undefined) opened.set('nebula/config.json', { json: config })
  opened.set('certificates.json', { json: read.map(certificateFacts) })

  const sample = [...opened.values()].map((content) =>
    'text' in content ? content.text : JSON.stringify(content.json),
  )
  const anonymiser = makeAnonymiser(sample, namesOf(report, read, config, opened.get('ps.json')))
  return new Map([...opened].map(([path, content]) => [path, changed(anonymiser, content)]))
}

function changed(anonymiser: Anonymiser, content: Content): Content {
  if ('json' in content) return { json: anonymiser.json(content.json) }
  // Settings and network configurations are JSON too; keys in them may be addresses.
  return { text: anonymiser.text(content.text) }
}

function certificatesIn(text: string, source: string): readonly Certificate[] {
  try {
    return parseCertificates(text, source)
  } catch (error) {
    if (error instanceof CniError) return []
    throw error
  }
}

function certificateFacts(certificate: Certificate): object {
  const {
    version,
    name,
    networks,
    unsafeNetworks,
    groups,
    isCa,
    notBefore,
    notAfter,
    issuer,
    curve,
    fingerprint,
  } = certificate
  return {
    version,
    name,
    networks: networks.map(formatPrefix),
    unsafeNetworks: unsafeNetworks.map(formatPrefix),
    groups,
    isCa,
    notBefore,
    notAfter,
    issuer,
    curve,
    fingerprint,
  }
}

function namesOf(
  { host, paths }: StatusReport,
  certificates: readonly Certificate[],
  config: unknown,
  ps: Content | undefined,
): ReadonlyMap<string, readonly string[]> {
  const listed =
    ps !== undefined && 'json' in ps ? (ps.json as { containers: readonly ContainerView[] }) : undefined
  const containers = [
    ...host.records.flatMap(({ containerName = [], aliases = [], containerID }) =>
      [containerName, aliases, containerID].flat(),
    ),
    ...(listed?.containers ?? []).flatMap(({ names }) => names),
  ]
  return new Map([
    ['ca', certificates.filter(({ isCa }) => isCa).map(({ name }) => name)],
    [
      'host',
      [
        hostname(),
        ...certificates.filter(({ isCa }) => !isCa).map(({ name }) => name),
        ...(paths?.peers ?? []).map(({ name }) => name),
        ...(paths?.refused ?? []).map(({ peer }) => peer.replace(/\.(crt|pem)$/, '')),
      ],
    ],
    ['group', certificates.flatMap(({ groups }) => groups)],
    ['container', containers],
    ['name', dnsNames(config)],
  ])
}

// "lighthouse.example.com:4242" in static_host_map.
function dnsNames(value: unknown): readonly string[] {
  if (typeof value === 'string')
    return /^([a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}):\d+$/i.exec(value)?.slice(1, 2) ?? []
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(dnsNames)
}
