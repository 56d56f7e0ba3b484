// The CAs that an office has had, with what each is for now.

import { parseCertificates } from '../nebula/certificate/parse.ts'
import { lastStep, stepsOf } from '../provision/office/ca-steps.ts'
import { type Office, textOf } from '../state/office/folder.ts'

/** 'introduced': hosts are to trust it, and it signs nothing yet. 'leaving': it signs nothing any more. */
type CaState = 'signs' | 'introduced' | 'leaving' | 'retired'

interface ListedCa {
  readonly fingerprint: string
  /** ISO 8601. */
  readonly notAfter: string
  readonly state: CaState
  readonly certificate: string
  readonly key: string
}

/** Returns them in the order in which they were made. @throws CniError */
export function listAuthorities(office: Office): readonly ListedCa[] {
  const { entries } = office.ledger()
  const [first] = stepsOf(entries)
  const later = stepsOf(entries).flatMap(({ step, fingerprint }) =>
    step === 'introduce' ? [fingerprint] : [],
  )
  const files = first === undefined ? [office.ca] : [first.earlier, ...later].map(office.caOf)
  return files.flatMap(({ certificate, key }) =>
    parseCertificates(textOf(certificate), certificate).map(({ fingerprint, notAfter }) => ({
      fingerprint,
      notAfter: new Date(notAfter * 1000).toISOString(),
      state: stateOf(lastStep(entries), fingerprint),
      certificate,
      key,
    })),
  )
}

function stateOf(last: ReturnType<typeof lastStep>, fingerprint: string): CaState {
  if (last === undefined) return 'signs'
  if (fingerprint === last.fingerprint) return last.step === 'introduce' ? 'introduced' : 'signs'
  if (fingerprint !== last.earlier) return 'retired'
  return ({ introduce: 'signs', sign: 'leaving', retire: 'retired' } as const)[last.step]
}
