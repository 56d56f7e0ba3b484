// Renews hosts: signs the public keys that the ledger has for another period, and a statement with all
// renewed certificates, from which each host takes its own.

import { CniCode, CniError } from '../cni/error.ts'
import { parseCertificates } from '../nebula/certificate/parse.ts'
import { publicKeyPem } from '../nebula/keys/public-key.ts'
import { assignmentsOf, groupsOf, standingSignature } from '../provision/office/assign.ts'
import type { Assignment, GatewayChange, Regrouping, Signature } from '../provision/office/ledger.ts'
import type { Office } from '../state/office/folder.ts'
import { openSigner, signPublicKey } from './sign.ts'
import { type OfficeStatement, openCaKey, stateRenewal } from './state.ts'

/** A host with its new certificate. */
interface RenewedHost {
  readonly assignment: Assignment
  readonly signature: Signature
}

/** All hosts that were renewed, and the statement about them. */
export interface Renewed extends OfficeStatement {
  readonly hosts: readonly RenewedHost[]
}

/** Whom to renew, and what to change besides. */
interface Renewing {
  /** Undefined for every host that has a certificate which was not revoked. */
  readonly name: string | undefined
  /** Those that the host is in from now on; undefined to leave them. */
  readonly groups: readonly string[] | undefined
  /** Whether the host forwards for all hosts from now on; undefined to leave that. */
  readonly gateway: boolean | undefined
}

/**
 * Renews one host, or all.
 * @param passphrase asks for that of the CA's key
 * @throws CniError for an unknown or revoked host, or one that cannot be a gateway
 */
export async function renewHosts(
  office: Office,
  { name, groups, gateway }: Renewing,
  passphrase: () => Promise<string>,
): Promise<Renewed> {
  const { entries } = office.ledger()
  const all = assignmentsOf(entries)
  const chosen = name === undefined ? all : all.filter((each) => each.name === name)
  if (chosen.length === 0) throw nothing(name)
  const standing = chosen.flatMap((assignment) => {
    const last = standingSignature(entries, assignment.name)
    return last === undefined ? [] : [{ assignment, last }]
  })
  if (standing.length === 0) throw withoutCertificate(name)
  for (const { assignment } of standing) if (gateway === true) refuseWithoutContainers(assignment)
  const grouped = groups === undefined ? standing : await regrouped(office, standing, groups)
  const changed = gateway === undefined ? grouped : await asGateway(office, grouped, gateway)
  return renewStanding(office, changed, passphrase)
}

// In the ledger before it is signed: a command that is stopped is run again without what it changes.
async function regrouped(
  office: Office,
  standing: readonly StandingHost[],
  asked: readonly string[],
): Promise<readonly StandingHost[]> {
  const changed: StandingHost[] = []
  for (const { assignment, last } of standing) {
    const groups = groupsOf(assignment, asked)
    const { name } = assignment
    if (String(groups) !== String(assignment.groups))
      await office.append((): Regrouping => ({ kind: 'groups', at: new Date().toISOString(), name, groups }))
    changed.push({ assignment: { ...assignment, groups }, last })
  }
  return changed
}

// In the ledger first, as with groups.
async function asGateway(
  office: Office,
  standing: readonly StandingHost[],
  gateway: boolean,
): Promise<readonly StandingHost[]> {
  for (const { assignment } of standing) {
    const { name } = assignment
    if (gateway !== assignment.gateway)
      await office.append((): GatewayChange => ({
        kind: 'gateway',
        at: new Date().toISOString(),
        name,
        gateway,
      }))
  }
  return standing.map(({ assignment, last }) => ({ assignment: { ...assignment, gateway }, last }))
}

// A gateway is one of the hosts with containers: its own subnet is where agents probe it.
function refuseWithoutContainers({ name, subnets }: Assignment): void {
  if (subnets.length > 0) return
  throw new CniError(
    CniCode.InvalidConfig,
    'no gateway without containers',
    `${name} was added without containers, and no address can be given to it later; choose a host with ` +
      'containers, or add another: flatnet-cni host add NAME --gateway',
  )
}

/** A host whose certificate was not revoked. */
export interface StandingHost {
  readonly assignment: Assignment
  readonly last: Signature
}

/** Signs the keys of these hosts, and the statement about all renewed ones. @throws CniError */
export async function renewStanding(
  office: Office,
  standing: readonly StandingHost[],
  passphrase: () => Promise<string>,
): Promise<Renewed> {
  const signer = await openSigner(office, passphrase)
  // Before anything is signed by nebula-cert: a wrong passphrase ends here.
  const caKey = await openCaKey(office, async () => signer.passphrase ?? '')
  const hosts: RenewedHost[] = []
  for (const { assignment, last } of standing) {
    const [own] = parseCertificates(last.certificate, `certificate of ${assignment.name}`)
    if (own === undefined) throw new TypeError('parseCertificates gives one at least')
    hosts.push({
      assignment,
      signature: await signPublicKey(office, signer, assignment, publicKeyPem(own)),
    })
  }
  return { hosts, ...(await stateRenewal(office, caKey)) }
}

function nothing(name: string | undefined): CniError {
  return new CniError(
    CniCode.InvalidConfig,
    name === undefined ? 'no hosts' : 'unknown host',
    name === undefined
      ? 'this office has no host yet: flatnet-cni host add NAME'
      : `${name} was never added to this office; flatnet-cni host list shows those that were`,
  )
}

function withoutCertificate(name: string | undefined): CniError {
  return new CniError(
    CniCode.InvalidConfig,
    'nothing to renew',
    name === undefined
      ? 'no host of this office has a certificate that was not revoked'
      : `${name} has no certificate, or it was revoked; sign a new key: flatnet-cni host add ${name} --again`,
  )
}
