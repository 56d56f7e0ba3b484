// Takes an office from one CA to the next, one step at a time. Each step is in the ledger before its
// statement is signed; a command that finds a step without its statement completes it first.

import { CniCode, CniError } from '../cni/error.ts'
import { runNebulaCert } from '../exec/nebula/nebula-cert.ts'
import { caPool } from '../nebula/certificate/ca-pool.ts'
import type { Certificate } from '../nebula/certificate/certificate.ts'
import { lastStep } from '../provision/office/ca-steps.ts'
import type { HostProgress } from '../provision/office/ca-state.ts'
import type { CaStep, CaStepKind } from '../provision/office/ledger.ts'
import { caArguments } from '../provision/office/nebula-cert.ts'
import { filesIn, placeCa } from '../state/office/cas.ts'
import { type Office, removeWorkFolder, textOf } from '../state/office/folder.ts'
import type { HostAuthorities } from '../views/authorities.ts'
import { openSigner } from './sign.ts'
import { caProgress } from './ca-progress.ts'
import { complete } from './complete-ca-step.ts'
import { type OfficeStatement, openCaKey } from './state.ts'

/** What is asked. */
export interface RotationWish {
  /** Days that a new CA is valid; undefined for as many as the present one. */
  readonly caDays: number | undefined
  /** Go on although hosts lack the step before. */
  readonly isForced: boolean
  /** Begin another change after one that is complete. */
  readonly isAgain: boolean
  /** What the hosts say; undefined where none can be asked. */
  readonly said: readonly HostAuthorities[] | undefined
  /** Asks for that of the CA's key; both keys have the same. */
  readonly passphrase: () => Promise<string>
}

/** What came of it. */
export interface Rotated {
  readonly step: CaStep
  /**
   * 'taken': now; 'completed': one that was stopped; 'waits': hosts lack the step, so the next was not taken;
   * 'over': it was the last one.
   */
  readonly outcome: 'taken' | 'completed' | 'waits' | 'over'
  /** Everything that hosts need for this step, in the order in which they take it. */
  readonly statements: readonly OfficeStatement[]
  /** Who lacked the step before; empty where that was not known. */
  readonly lacking: readonly HostProgress[]
}

/** Takes the next step. @throws CniError that says what is in the way */
export async function rotateCa(office: Office, wish: RotationWish): Promise<Rotated> {
  const passphrase = once(wish.passphrase)
  const before = lastStep(office.ledger().entries)
  if (before === undefined) return take(office, await introduce(office, wish, passphrase), passphrase, [])
  const stopped = await complete(office, before, passphrase)
  if (stopped.isNew)
    return { step: before, outcome: 'completed', statements: stopped.statements, lacking: [] }
  if (before.step === 'retire' && !wish.isAgain)
    return { step: before, outcome: 'over', statements: stopped.statements, lacking: [] }
  const lacking = lackingFor(office, before, wish)
  if (lacking.length > 0 && !wish.isForced)
    return { step: before, outcome: 'waits', statements: stopped.statements, lacking }
  const next =
    before.step === 'retire'
      ? await introduce(office, wish, passphrase)
      : await enter(office, before, before.step === 'introduce' ? 'sign' : 'retire')
  return take(office, next, passphrase, lacking)
}

async function take(
  office: Office,
  step: CaStep,
  passphrase: () => Promise<string>,
  lacking: readonly HostProgress[],
): Promise<Rotated> {
  const { statements } = await complete(office, step, passphrase)
  return { step, outcome: 'taken', statements, lacking }
}

function lackingFor(
  office: Office,
  before: CaStep,
  { said, isForced }: RotationWish,
): readonly HostProgress[] {
  if (said !== undefined) return caProgress(office, before, said).filter(({ has }) => has !== 'yes')
  if (isForced) return []
  throw new CniError(
    CniCode.TryAgainLater,
    'hosts cannot be asked from here',
    'the next step needs every host to have the one before, and no agent answers on this machine. On any ' +
      'host of the office, as root: flatnet-cni ca status. If all hosts have it: ' +
      'flatnet-cni ca rotate --force',
  )
}

// Two who take the same step: the second one finds it taken.
function enter(office: Office, before: CaStep, step: CaStepKind): Promise<CaStep> {
  return office.append((entries) => {
    refuseOther(lastStep(entries), before)
    const { fingerprint, earlier } = before
    return { kind: 'ca', at: new Date().toISOString(), step, fingerprint, earlier }
  })
}

async function introduce(
  office: Office,
  wish: RotationWish,
  passphrase: () => Promise<string>,
): Promise<CaStep> {
  const before = lastStep(office.ledger().entries)
  const signer = await openSigner(office, passphrase)
  // Before a CA is made: a wrong passphrase ends here.
  const { authority } = await openCaKey(office, async () => signer.passphrase ?? '')
  const days = wish.caDays ?? Math.round((authority.notAfter - authority.notBefore) / 86_400)
  const made = office.workFolder()
  try {
    const files = filesIn(made)
    const encrypt = signer.passphrase !== undefined
    await runNebulaCert(caArguments(office.plan, { files, days, encrypt }, signer.version), signer.passphrase)
    const { fingerprint } = onlyCa(textOf(files.certificate), files.certificate)
    return await office.append((entries) => {
      refuseOther(lastStep(entries), before)
      placeCa(office.folder, entries, { made, fingerprint })
      const earlier = authority.fingerprint
      return { kind: 'ca', at: new Date().toISOString(), step: 'introduce', fingerprint, earlier }
    })
  } finally {
    removeWorkFolder(made)
  }
}

function refuseOther(found: CaStep | undefined, expected: CaStep | undefined): void {
  if (found?.step === expected?.step && found?.fingerprint === expected?.fingerprint) return
  throw new CniError(
    CniCode.TryAgainLater,
    'step taken meanwhile',
    'another process has taken this step; flatnet-cni ca status shows how far it is',
  )
}

function onlyCa(pem: string, source: string): Certificate {
  const [first] = caPool(pem, source).authorities.values()
  if (first === undefined) throw new TypeError('caPool gives one at least')
  return first
}

function once(ask: () => Promise<string>): () => Promise<string> {
  let asked: Promise<string> | undefined
  return () => (asked ??= ask())
}
