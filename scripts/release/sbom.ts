// The bill of materials in CycloneDX, made by npm from the lockfile, without what differs from run to run.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { Arch } from '../build/base.ts'
import { ReleaseError } from './release-error.ts'
import { dependencies, type Sources } from './sources.ts'

interface Component {
  readonly name: string
  readonly version: string
}

interface Bom {
  readonly metadata: { readonly component: object }
  readonly components: readonly Component[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[]
}

/** Returns the bill of materials of the executable for one architecture, as JSON text. */
export function renderSbom({ root, version, epoch }: Sources, arch: Arch): string {
  // Without --omit=dev: npm 11.19 then leaves out packages that are dependencies and tools at the same time.
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only']
  const text = execFileSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  const bom = JSON.parse(text.replaceAll(JSON.stringify(basename(root)), '"flatnet-cni"')) as Bom
  const inside = new Set(dependencies(root, arch).map((one) => `${one.name}@${one.version}`))
  const components = bom.components.filter((one) => inside.has(`${one.name}@${one.version}`))
  const listed = new Set(components.map((one) => `${one.name}@${one.version}`))
  const missing = [...inside].filter((one) => !listed.has(one))
  if (missing.length > 0) throw new ReleaseError(`npm sbom does not list ${missing.join(', ')}`)
  const refs = new Set([`flatnet-cni@${version}`, ...inside])
  const serial = createHash('sha256')
    .update(JSON.stringify([version, arch, components]))
    .digest('hex')
  return `${JSON.stringify(
    {
      ...bom,
      serialNumber: `urn:uuid:${uuid(serial)}`,
      metadata: {
        ...bom.metadata,
        timestamp: new Date(epoch * 1000).toISOString(),
        component: { ...bom.metadata.component, type: 'application', name: 'flatnet-cni' },
      },
      components,
      dependencies: bom.dependencies
        .filter(({ ref }) => refs.has(ref))
        .map((one) => ({ ...one, dependsOn: (one.dependsOn ?? []).filter((ref) => refs.has(ref)) })),
    },
    undefined,
    2,
  )}\n`
}

// RFC 9562, section 5.8: version 8 holds what the maker likes, here a hash of the contents.
function uuid(hash: string): string {
  const variant = ((Number.parseInt(hash.slice(16, 17), 16) & 3) | 8).toString(16)
  const parts = [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `${variant}${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ]
  return parts.join('-')
}
