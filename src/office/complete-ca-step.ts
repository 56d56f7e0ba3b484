// Completes a step from one CA to the next: what it needs beside its line in the ledger.

import { caPool } from '../nebula/certificate/ca-pool.ts'
import { formatPem } from '../nebula/certificate/pem.ts'
import { standingHosts } from '../provision/office/ca-state.ts'
import type { CaStep } from '../provision/office/ledger.ts'
import { renewedSoFar } from '../provision/office/renewed.ts'
import { revokedSoFar } from '../provision/office/revoked.ts'
import { type Office, textOf } from '../state/office/folder.ts'
import { unixSeconds } from '../unix-time.ts'
import { renewStanding } from './renew.ts'
import {
  type CaKey,
  type OfficeStatement,
  openCaKey,
  statedSoFar,
  stateIntroduction,
  stateRenewal,
  stateRetirement,
  stateRevocation,
} from './state.ts'

interface Completed {
  readonly statements: readonly OfficeStatement[]
  /** Whether something of it was missing. */
  readonly isNew: boolean
}

/**
 * Makes what a step still lacks: signatures of hosts, statements. Returns the statements in
 * the order in which hosts take them. @throws CniError
 */
export async function complete(
  office: Office,
  step: CaStep,
  passphrase: () => Promise<string>,
): Promise<Completed> {
  switch (step.step) {
    case 'introduce':
      return completeIntroduction(office, step, passphrase)
    case 'sign':
      return completeSigning(office, step, passphrase)
    case 'retire':
      return completeRetirement(office, step, passphrase)
  }
}

async function completeIntroduction(
  office: Office,
  { fingerprint, earlier }: CaStep,
  passphrase: () => Promise<string>,
): Promise<Completed> {
  const file = office.caOf(fingerprint).certificate
  const pem = formatPem(textOf(file), file)
  return oneStatement(
    office,
    {
      kind: 'introduction',
      signer: earlier,
      isIt: ({ statement }) => statement.kind === 'introduction' && statement.certificate === pem,
    },
    async () => stateIntroduction(office, await openCaKey(office, passphrase), pem),
  )
}

async function completeRetirement(
  office: Office,
  { fingerprint, earlier }: CaStep,
  passphrase: () => Promise<string>,
): Promise<Completed> {
  return oneStatement(
    office,
    {
      kind: 'retirement',
      signer: fingerprint,
      isIt: ({ statement }) => statement.kind === 'retirement' && statement.retired.includes(earlier),
    },
    async () => stateRetirement(office, await openCaKey(office, passphrase), [earlier]),
  )
}

interface Looked {
  readonly kind: 'introduction' | 'renewal' | 'retirement' | 'revocation'
  /** The CA that signs it. */
  readonly signer: string
  readonly isIt: (signed: OfficeStatement['signed']) => boolean
}

async function oneStatement(
  office: Office,
  { kind, signer, isIt }: Looked,
  make: () => Promise<OfficeStatement>,
): Promise<Completed> {
  const { certificate } = office.caOf(signer)
  const there = statedSoFar(office, caPool(textOf(certificate), certificate), kind)
  if (there !== undefined && isIt(there.signed)) return { statements: [there], isNew: false }
  return { statements: [await make()], isNew: true }
}

async function completeSigning(
  office: Office,
  { fingerprint }: CaStep,
  passphrase: () => Promise<string>,
): Promise<Completed> {
  const left = standingHosts(office.ledger().entries).filter(({ issuer }) => issuer !== fingerprint)
  if (left.length > 0) await renewStanding(office, left, passphrase)
  const { entries } = office.ledger()
  const now = unixSeconds(new Date())
  const key = (): Promise<CaKey> => openCaKey(office, passphrase)
  const certificates = renewedSoFar(entries, now)
  const renewal = await oneStatement(
    office,
    {
      kind: 'renewal',
      signer: fingerprint,
      isIt: ({ statement }) =>
        statement.kind === 'renewal' && certificates.every((each) => statement.certificates.includes(each)),
    },
    async () => stateRenewal(office, await key()),
  )
  // The revocations of the earlier CA end with it.
  const revoked = revokedSoFar(entries, now)
  const revocation =
    revoked.length === 0
      ? { statements: [], isNew: false }
      : await oneStatement(
          office,
          {
            kind: 'revocation',
            signer: fingerprint,
            isIt: ({ statement }) =>
              statement.kind === 'revocation' &&
              revoked.every(({ fingerprint: each }) =>
                statement.revoked.some((one) => one.fingerprint === each),
              ),
          },
          async () => stateRevocation(office, await key()),
        )
  return {
    statements: [...revocation.statements, ...renewal.statements],
    isNew: left.length > 0 || renewal.isNew || revocation.isNew,
  }
}
