// The arguments of Nebula's own program for certificates, in the words of its version. Keys are never among
// them: they are read and written as files.

import { CniCode, CniError } from '../../cni/error.ts'
import { certificateSubnets } from './certificate-subnets.ts'
import type { Assignment } from './ledger.ts'
import type { NetworkPlan } from './network-plan.ts'
import { formatPrefix } from '../../addr/prefix.ts'
import type { Curve } from '../../nebula/certificate/certificate.ts'

/** "1.11.0" as numbers. */
export type ProgramVersion = readonly [major: number, minor: number, patch: number]

const DAY_HOURS = 24

/**
 * Reads the answer of `nebula-cert -version`. @throws CniError PluginUnavailable for a version that makes
 * certificates flatnet cannot use
 */
export function nebulaCertVersion(said: string): ProgramVersion {
  const [, major, minor, patch] = /(\d+)\.(\d+)\.(\d+)/.exec(said) ?? []
  if (major === undefined)
    throw unusable('does not report its version', 'is it the nebula-cert of slackhq/nebula?')
  const version: ProgramVersion = [Number(major), Number(minor), Number(patch)]
  // Routes to containers need Nebula 1.9 on the hosts, and the two programs come together.
  if (version[0] < 1 || (version[0] === 1 && version[1] < 9))
    throw unusable(
      `is version ${version.join('.')}, too old`,
      'flatnet needs Nebula 1.9.7 or newer: https://github.com/slackhq/nebula/releases, or Debian 13 and ' +
        'later',
    )
  return version
}

/** Tells whether this version knows certificates of version 2, IPv6, and a passphrase in its environment. */
export function isModern([major, minor]: ProgramVersion): boolean {
  return major > 1 || minor >= 10
}

/** Files that a command reads or writes. */
interface CaFiles {
  readonly certificate: string
  readonly key: string
}

/** Returns the arguments that make a CA. */
export function caArguments(
  plan: NetworkPlan,
  { files, days, encrypt }: { readonly files: CaFiles; readonly days: number; readonly encrypt: boolean },
  version: ProgramVersion,
): readonly string[] {
  const modern = isModern(version)
  return [
    'ca',
    // Nebula before 1.10 must read the CA, too, and a CA of version 1 may sign both.
    ...(modern ? ['-version', plan.certificateVersion === 2 ? '2' : '1'] : []),
    '-name',
    plan.office,
    '-duration',
    `${String(days * DAY_HOURS)}h`,
    '-curve',
    plan.curve === 'P256' ? 'P256' : '25519',
    modern ? '-networks' : '-ips',
    plan.families.map(({ overlay }) => formatPrefix(overlay)).join(','),
    modern ? '-unsafe-networks' : '-subnets',
    plan.families.map(({ pool }) => formatPrefix(pool)).join(','),
    // Nebula's default of 2 GiB does not fit small machines. RFC 9106, section 4: 64 MiB with three passes.
    ...(encrypt ? ['-encrypt', '-argon-memory', '65536', '-argon-iterations', '3'] : []),
    '-out-crt',
    files.certificate,
    '-out-key',
    files.key,
  ]
}

/** Files of one signature. */
interface SignFiles {
  readonly ca: CaFiles
  readonly certificate: string
  /** Where the new private key goes, or a public key that is there. */
  readonly key: { readonly file: string; readonly isNew: boolean }
  readonly version: 1 | 2
}

/** Returns the versions that a host gets. Nebula before 1.10 reads the first certificate of a file alone. */
export function signedVersions({ certificateVersion }: NetworkPlan): readonly (1 | 2)[] {
  return certificateVersion === 'both' ? [1, 2] : [certificateVersion]
}

/** Returns the arguments that sign a host's certificate, for a new key or for one that the host made. */
export function signArguments(
  plan: NetworkPlan,
  assignment: Assignment,
  files: SignFiles,
  version: ProgramVersion,
): readonly string[] {
  const modern = isModern(version)
  const { groups } = assignment
  const subnets = certificateSubnets(plan, assignment)
  return [
    'sign',
    ...(modern ? ['-version', String(files.version)] : []),
    '-ca-crt',
    files.ca.certificate,
    '-ca-key',
    files.ca.key,
    '-name',
    assignment.name,
    modern ? '-networks' : '-ip',
    assignment.overlay.join(','),
    ...(subnets.length === 0 ? [] : [modern ? '-unsafe-networks' : '-subnets', subnets.join(',')]),
    ...(groups.length === 0 ? [] : ['-groups', groups.join(',')]),
    '-duration',
    `${String(plan.hostDays * DAY_HOURS)}h`,
    '-out-crt',
    files.certificate,
    files.key.isNew ? '-out-key' : '-in-pub',
    files.key.file,
  ]
}

/** Returns the arguments that make a key. */
export function keygenArguments(curve: Curve, files: KeyFiles): readonly string[] {
  return [
    'keygen',
    '-curve',
    curve === 'P256' ? 'P256' : '25519',
    '-out-key',
    files.key,
    '-out-pub',
    files.publicKey,
  ]
}

/** Where a new key goes. */
interface KeyFiles {
  readonly key: string
  readonly publicKey: string
}

function unusable(what: string, remedy: string): CniError {
  return new CniError(CniCode.PluginUnavailable, 'nebula-cert not usable', `nebula-cert ${what}: ${remedy}`)
}
