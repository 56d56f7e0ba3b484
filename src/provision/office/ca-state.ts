// How far the hosts are in the change from one CA to the next: who lacks what a step needs.

import { parseCertificates } from '../../nebula/certificate/parse.ts'
import type { HostAuthorities } from '../../views/authorities.ts'
import { assignmentsOf, standingSignature } from './assign.ts'
import type { Assignment, CaStep, LedgerEntry, Signature } from './ledger.ts'

/** A host whose certificate was not revoked, with the CA that has signed it. */
export interface StandingHost {
  readonly assignment: Assignment
  readonly last: Signature
  readonly issuer: string
}

/** Returns the hosts that take part in a change, in the order of their assignment. */
export function standingHosts(entries: readonly LedgerEntry[]): readonly StandingHost[] {
  return assignmentsOf(entries).flatMap((assignment) => {
    const last = standingSignature(entries, assignment.name)
    return last === undefined ? [] : [{ assignment, last, issuer: issuerOf(last) }]
  })
}

/** Whether a host has done what a step asks; '?' if it does not say. */
export type Progress = 'yes' | 'no' | '?'

export interface HostProgress {
  readonly name: string
  readonly has: Progress
  /** What is known instead, in words; '' where nothing is to be said. */
  readonly why: string
}

/**
 * Returns which hosts have done what a step asks of them: trust the new CA, use a certificate of it, trust
 * the earlier one no longer.
 * @param said what the hosts say
 */
export function progressOf(
  entries: readonly LedgerEntry[],
  { step, fingerprint, earlier }: Pick<CaStep, 'step' | 'fingerprint' | 'earlier'>,
  said: readonly HostAuthorities[],
): readonly HostProgress[] {
  const issuers = new Map(
    entries.flatMap((entry) =>
      entry.kind === 'sign' ? [[entry.fingerprint, issuerOf(entry)] as const] : [],
    ),
  )
  return standingHosts(entries).map(({ assignment: { name } }) => {
    const host = said.find((each) => each.name === name)
    if (host === undefined) return { name, has: '?', why: 'not known there: it has not joined, or is off' }
    if (host.silent !== null) return { name, has: '?', why: `does not answer: ${host.silent}` }
    const issuer = issuers.get(host.certificate ?? '') ?? host.signedBy
    switch (step) {
      case 'introduce':
        return judged(name, host.trusts.includes(fingerprint), 'does not trust the new CA yet')
      case 'sign':
        return judged(name, issuer === fingerprint, 'uses a certificate of the earlier CA')
      case 'retire':
        return judged(name, !host.trusts.includes(earlier), 'still trusts the earlier CA')
    }
  })
}

function judged(name: string, has: boolean, otherwise: string): HostProgress {
  return has ? { name, has: 'yes', why: '' } : { name, has: 'no', why: otherwise }
}

function issuerOf({ name, certificate }: Signature): string {
  return parseCertificates(certificate, `certificate of ${name}`)[0]?.issuer ?? ''
}
