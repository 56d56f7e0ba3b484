// Gets this host's bundle from its office by code. The private key is made here and stays here. Each step is
// on the disk before the next, so the same command with the same code goes on after a kill.

import { setTimeout as sleep } from 'node:timers/promises'
import { CniError } from '../../cni/error.ts'
import { askNebulaCert, type NebulaCert, runNebulaCert } from '../../exec/nebula/nebula-cert.ts'
import type { Curve } from '../../nebula/certificate/certificate.ts'
import { parseCertificates } from '../../nebula/certificate/parse.ts'
import { type CheckedBundle, checkedBundle, parseBundle } from '../../provision/bundle/contents.ts'
import { bundleTextOf, readPreview } from '../../provision/enrolment/answer.ts'
import { type Secret } from '../../provision/enrolment/channel.ts'
import { refuseWrongClock } from '../../provision/enrolment/clocks.ts'
import { INVITATION_SECONDS } from '../../provision/enrolment/invitation.ts'
import type { Pending } from '../../provision/enrolment/pending.ts'
import { type Target, targetText } from '../../provision/enrolment/target.ts'
import type { HandedProgram } from '../../provision/host/surroundings.ts'
import { keygenArguments } from '../../provision/office/nebula-cert.ts'
import { readRequired } from '../../state/files/source-file.ts'
import { forgetPrograms, handedPrograms } from '../../state/joined/handed-programs.ts'
import { type PendingFile, pendingFile } from '../../state/joined/pending-file.ts'
import { unixSeconds } from '../../unix-time.ts'
import { callOffice, type Channel } from './call.ts'
import { getPrograms, lackingPrograms } from './programs.ts'

interface EnrolOptions {
  readonly target: Target
  readonly secret: Secret
  /** Look only: nothing is signed and nothing is kept. */
  readonly isDryRun: boolean
  /** Looks at what the bundle would do to this host. @throws CniError for what is in the way */
  readonly tryOut: (preview: CheckedBundle, handed: readonly HandedProgram[]) => Promise<unknown>
  readonly say: (what: string) => void
}

/** A bundle from an office. */
interface Enrolled {
  readonly checked: CheckedBundle
  /** Programs that came from the office. */
  readonly handed: readonly HandedProgram[]
  /**
   * Forgets key and bundle, once join has put them in their places. Keeps them while the office does not know
   * that they came and may still wait for it, so that the same command can tell it. @throws CniError
   * IoFailure
   */
  readonly forget: () => void
}

/** Enrols. @throws CniError that says what is in the way and what to do */
export async function enrol(options: EnrolOptions): Promise<Enrolled> {
  const file = pendingFile()
  const { target, secret, isDryRun, say } = options
  if (!isDryRun) file.clear()
  const left = file.read()
  const pending = left?.identity === secret.identity ? left : undefined
  if (pending?.bundle !== undefined) {
    const checked = await checkedAt(pending.bundle, targetText(target))
    if (!pending.isConfirmed && !isDryRun) await confirmAnyway(options, file, { ...pending, checked })
    return { checked, handed: handedPrograms(), forget: () => forget(file, checked) }
  }
  say(`calling ${targetText(target)}`)
  const channel = await callOffice(target, secret)
  try {
    const hello = await channel.take('hello')
    refuseWrongClock(unixSeconds(new Date()), hello.time)
    const handed = await getPrograms(channel, lackingPrograms(), options)
    channel.send({ kind: 'preview' })
    const { bundle } = await channel.take('preview')
    const preview = readPreview(bundle, hello, `the office at ${targetText(target)}`)
    await options.tryOut(preview, handed)
    if (isDryRun) return { checked: preview, handed, forget: () => undefined }
    const own =
      pending?.curve === hello.curve ? pending : await makeKey(file, { secret, handed }, hello.curve)
    const checked = await getBundle(options, { channel, file, own })
    return { checked, handed, forget: () => forget(file, checked) }
  } finally {
    channel.close()
  }
}

function forget(file: PendingFile, { certificate }: CheckedBundle): void {
  forgetPrograms()
  const isOver = unixSeconds(new Date()) > certificate.notBefore + INVITATION_SECONDS
  if (isOver || file.read()?.isConfirmed === true) file.remove()
}

interface KeyMeans {
  readonly secret: Secret
  readonly handed: readonly HandedProgram[]
}

async function makeKey(
  file: PendingFile,
  { secret: { identity }, handed }: KeyMeans,
  curve: Curve,
): Promise<Pending> {
  const came = handed.find(({ name }) => name === 'nebula-cert')
  // The folder's files bear the names of the programs.
  const program = came === undefined ? 'nebula-cert' : (came.copyOf as NebulaCert)
  await askNebulaCert('this host makes its key with it', program)
  const pending = await file.inWorkFolder(async (folder): Promise<Pending> => {
    const files = { key: `${folder}/host.key`, publicKey: `${folder}/host.pub` }
    await runNebulaCert(keygenArguments(curve, files), undefined, program)
    const [key, publicKey] = [
      readRequired(files.key, 'key', AGAIN),
      readRequired(files.publicKey, 'key', AGAIN),
    ]
    return { identity, curve, key, publicKey, bundle: undefined, isConfirmed: false }
  })
  file.write(pending)
  return pending
}

interface Means {
  readonly channel: Channel
  readonly file: PendingFile
  readonly own: Pending
}

async function getBundle(
  { target, say }: EnrolOptions,
  { channel, file, own }: Means,
): Promise<CheckedBundle> {
  say('waiting for the certificate')
  channel.send({ kind: 'request', publicKey: own.publicKey })
  const answer = await channel.take('certificate')
  const bundle = bundleTextOf(answer.bundle, own.key)
  const checked = await checkedAt(bundle, targetText(target))
  file.write({ ...own, bundle })
  channel.send({ kind: 'received', fingerprint: checked.certificate.fingerprint })
  // Everything is here, so this host goes on even if the office is killed now.
  const isDone = await channel.take('done').then(
    () => true,
    () => false,
  )
  if (isDone) file.write({ ...own, bundle, isConfirmed: true })
  return checked
}

// The office may be gone: the bundle is here.
async function confirmAnyway(
  { target, secret, say }: EnrolOptions,
  file: PendingFile,
  { checked, ...pending }: Pending & { readonly checked: CheckedBundle },
): Promise<void> {
  say('confirming to the office')
  try {
    const channel = await callOffice(target, secret)
    await channel.take('hello')
    channel.send({ kind: 'received', fingerprint: checked.certificate.fingerprint })
    await channel.take('done')
    channel.close()
    file.write({ ...pending, isConfirmed: true })
  } catch (error) {
    if (!(error instanceof CniError)) throw error
  }
}

// A clock a little behind the office's reaches the certificate's first second soon.
async function checkedAt(text: string, from: string): Promise<CheckedBundle> {
  const source = `the bundle from ${from}`
  const bundle = parseBundle(text, source)
  const [first] = parseCertificates(bundle.certificate, `${source}: certificate`)
  const early = (first?.notBefore ?? 0) - unixSeconds(new Date())
  if (early > 0 && early <= MOST_EARLY) await sleep(early * 1000 + ROUNDING_MS)
  return checkedBundle(bundle, unixSeconds(new Date()), source)
}

const MOST_EARLY = 61
const AGAIN = 'run the same command again'
const ROUNDING_MS = 100
