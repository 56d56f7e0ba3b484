// Adds a host to an office: takes addresses from the ledger, makes key and certificate with nebula-cert,
// and writes a bundle for join.

import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import { formatIp } from '../addr/ip.ts'
import { formatPrefix, parsePrefix } from '../addr/prefix.ts'
import { CniCode, CniError } from '../cni/error.ts'
import { askNebulaCert, runNebulaCert } from '../exec/nebula/nebula-cert.ts'
import { parseCertificates } from '../nebula/certificate/parse.ts'
import { CODE_BYTES, codeWords } from '../provision/bundle/code.ts'
import { bundleText, type HostBundle, type KnownLighthouse } from '../provision/bundle/contents.ts'
import { sealed, unsealed } from '../provision/bundle/seal.ts'
import { textContent } from '../provision/host/wanted.ts'
import { assign, assignmentsOf, lastSignature, type Wish } from '../provision/office/assign.ts'
import type { Assignment, LedgerEntry, Signature } from '../provision/office/ledger.ts'
import { isModern, type ProgramVersion, signArguments } from '../provision/office/nebula-cert.ts'
import { type Office, removeWorkFolder, textOf } from '../state/office/folder.ts'
import { isThere } from '../state/files/output-file.ts'
import { clearTemporaries, put } from '../state/joined/places.ts'

/** What is asked for a host. */
interface HostWish extends Omit<Wish, 'at'> {
  /** Sign another key for the addresses that the name has. */
  readonly isAgain: boolean
  readonly isPlain: boolean
  /** The bundle's file. */
  readonly file: string
  /** Asks for the passphrase of the CA's key. */
  readonly passphrase: () => Promise<string>
}

/** A host that was added. */
export interface AddedHost {
  readonly assignment: Assignment
  readonly notAfter: number
  /** Opens the bundle; undefined for a plain one. */
  readonly code: string | undefined
  readonly file: string
}

/** Adds a host. @throws CniError that says what is in the way */
export async function addHost(office: Office, wish: HostWish): Promise<AddedHost> {
  const version = await askNebulaCert()
  refuseOldCert(office, version)
  refuseOccupied(wish.file)
  const passphrase = textOf(office.ca.key).includes('ENCRYPTED') ? await wish.passphrase() : undefined
  const assignment = wish.isAgain ? known(office, wish.name) : await assigned(office, wish)
  const { key, signature } = await signed(office, assignment, version, passphrase)
  const { entries } = office.ledger()
  const contents = bundleText(bundleOf(office, assignment, entries, { key, signature }))
  const label = { host: assignment.name, office: office.plan.office }
  const secret = randomBytes(CODE_BYTES)
  const text = wish.isPlain
    ? unsealed(contents, label)
    : sealed(contents, label, secret, { salt: randomBytes(16), nonce: randomBytes(12) })
  writeBundle(wish, text)
  return {
    assignment,
    notAfter: signature.notAfter,
    code: wish.isPlain ? undefined : codeWords(secret),
    file: wish.file,
  }
}

function refuseOldCert({ plan }: Office, version: ProgramVersion): void {
  if (plan.certificateVersion === 1 || isModern(version)) return
  throw new CniError(
    CniCode.PluginUnavailable,
    'nebula-cert too old',
    'this office signs certificates of version 2, which needs nebula-cert 1.10 or newer; this is ' +
      `${version.join('.')}`,
  )
}

// Before anything is signed: what is there may be the only bundle of a host.
function refuseOccupied(file: string): void {
  if (!isThere(file)) return
  throw new CniError(
    CniCode.IoFailure,
    'file exists',
    `${file}: is there already: move it away, or name another file with --out`,
  )
}

function writeBundle({ file, name }: HostWish, text: string): void {
  try {
    clearTemporaries(dirname(file))
    put({ kind: 'file', path: file, mode: 0o600, what: 'bundle', content: textContent(text) })
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    throw new CniError(
      error.code,
      'bundle not written',
      `${error.details}; the certificate is in the ledger, but its key is lost. Make another: ` +
        `flatnet-cni host add ${name} --again`,
      { cause: error },
    )
  }
}

function assigned(office: Office, wish: HostWish): Promise<Assignment> {
  return office.append((entries) => {
    if (wish.role === 'host' && lighthousesOf(entries).length === 0)
      throw new CniError(
        CniCode.InvalidConfig,
        'no lighthouse',
        'hosts find each other through one, so add it first: flatnet-cni host add NAME --lighthouse ' +
          '--address ADDRESS',
      )
    return assign(office.plan, entries, { ...wish, at: new Date().toISOString() })
  })
}

function known(office: Office, name: string): Assignment {
  const found = assignmentsOf(office.ledger().entries).find((each) => each.name === name)
  if (found !== undefined) return found
  throw new CniError(
    CniCode.InvalidConfig,
    'unknown host',
    `${name} was never added to this office; leave --again out to add it`,
  )
}

interface Signed {
  readonly key: string
  readonly signature: Signature
}

async function signed(
  office: Office,
  assignment: Assignment,
  version: ProgramVersion,
  passphrase: string | undefined,
): Promise<Signed> {
  const work = office.workFolder()
  try {
    const files = { ca: office.ca, certificate: `${work}/host.crt`, key: `${work}/host.key` }
    await runNebulaCert(signArguments(office.plan, assignment, files, version), passphrase)
    const certificate = textOf(files.certificate)
    const [first] = parseCertificates(certificate, files.certificate)
    if (first === undefined) throw new TypeError('parseCertificates gives one at least')
    const { fingerprint, notAfter } = first
    const signature = await office.append((): Signature => ({
      kind: 'sign',
      at: new Date().toISOString(),
      name: assignment.name,
      fingerprint,
      notAfter,
      certificate,
    }))
    return { key: textOf(files.key), signature }
  } finally {
    removeWorkFolder(work)
  }
}

function bundleOf(
  { plan, ca }: Office,
  assignment: Assignment,
  entries: readonly LedgerEntry[],
  { key, signature }: Signed,
): HostBundle {
  const others = assignmentsOf(entries).filter(
    ({ name, subnets }) => name !== assignment.name && subnets.length > 0,
  )
  const serial = entries.findIndex(
    (entry) => entry.kind === 'sign' && entry.fingerprint === signature.fingerprint,
  )
  return {
    serial: serial + 1,
    office: plan.office,
    name: assignment.name,
    role: assignment.role,
    groups: assignment.groups,
    overlays: plan.families.map(({ overlay }) => formatPrefix(overlay)),
    pools: plan.families.map(({ pool }) => formatPrefix(pool)),
    lighthouses: lighthousesOf(entries),
    ca: textOf(ca.certificate),
    certificate: signature.certificate,
    key,
    peers: Object.fromEntries(
      others.flatMap(({ name }) => {
        const last = lastSignature(entries, name)
        return last === undefined ? [] : [[name, last.certificate]]
      }),
    ),
  }
}

function lighthousesOf(entries: readonly LedgerEntry[]): readonly KnownLighthouse[] {
  return assignmentsOf(entries)
    .filter(({ role }) => role === 'lighthouse')
    .map(({ name, overlay, endpoints }) => ({
      name,
      overlay: overlay.flatMap((text) => {
        const prefix = parsePrefix(text)
        return prefix === undefined ? [] : [formatIp(prefix)]
      }),
      endpoints,
    }))
}
