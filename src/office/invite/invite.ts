// Invites one host: makes a code, waits for the host that has it, signs its key. Ends when the host has
// confirmed that it has everything, when the time is over, or when it is told to.

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { CniCode, CniError } from '../../cni/error.ts'
import { CODE_BYTES, codeWords, readCode } from '../../provision/bundle/code.ts'
import { ENROLMENT_PORT, secretOf } from '../../provision/enrolment/channel.ts'
import {
  INVITATION_SECONDS,
  type Invitation,
  type InvitedHost,
} from '../../provision/enrolment/invitation.ts'
import type { Target } from '../../provision/enrolment/target.ts'
import { countWrongCodes } from '../../provision/enrolment/wrong-codes.ts'
import { unixSeconds } from '../../unix-time.ts'
import type { Office } from '../../state/office/folder.ts'
import { type HeldInvitation, openInvitation } from '../../state/office/invitations.ts'
import { openSigner, type Signer } from '../sign.ts'
import { enrol, type EnrolledHost, expectedAssignment, signedUnder } from './enrol.ts'
import { listen } from './listen.ts'
import { programFiles, type ProgramFiles } from './programs.ts'
import { talkWith } from './talk.ts'

interface InviteWish {
  readonly host: InvitedHost
  /** Where to wait; undefined for all addresses and the usual port, or the next free one. */
  readonly listen: Target | undefined
  /** A folder with programs of Nebula for hosts that lack them; undefined for this machine's own. */
  readonly nebula: string | undefined
  readonly passphrase: () => Promise<string>
}

/** An invitation that waits. */
export interface Waiting {
  readonly invitation: Invitation
  readonly isResumed: boolean
}

/** What the inviting process tells while it waits. */
interface InviteReport {
  readonly waits: (waiting: Waiting) => void
  /** Something happened: a wrong code, a signature. */
  readonly event: (what: string) => void
  /** @param seconds until the end @param wrongCodes so far */
  readonly tick: (seconds: number, wrongCodes: number) => void
}

// Two invitations at a time are usual, ten are not.
const PORTS = Array.from({ length: 10 }, (_, index) => ENROLMENT_PORT + index)
const TICK_MS = 1000

/**
 * Invites. @param gone ends it
 * @throws CniError for a host that cannot be invited, and when it ends without one
 */
export async function inviteHost(
  office: Office,
  wish: InviteWish,
  report: InviteReport,
  gone: AbortSignal,
): Promise<EnrolledHost> {
  const programs = programFiles(wish.nebula)
  const signer = await openSigner(office, wish.passphrase)
  const held = await openInvitation(office, wish.host, unixSeconds(new Date()), () => newInvitation(office))
  try {
    // Before anyone types the code: a taken name, a full pool.
    expectedAssignment(office, held.invitation, undefined)
    return await waitForHost(office, { wish, signer, programs, held, report, gone })
  } finally {
    held.end()
  }
}

function newInvitation(office: Office): Omit<Invitation, 'holder' | 'host'> {
  return {
    code: codeWords(randomBytes(CODE_BYTES)),
    until: unixSeconds(new Date()) + INVITATION_SECONDS,
    ledgerLength: office.ledger().entries.length,
    port: 0,
  }
}

interface Means {
  readonly wish: InviteWish
  readonly signer: Signer
  readonly programs: ProgramFiles
  readonly held: HeldInvitation
  readonly report: InviteReport
  readonly gone: AbortSignal
}

async function waitForHost(
  office: Office,
  { wish, signer, programs, held, report, gone }: Means,
): Promise<EnrolledHost> {
  const wrongCodes = countWrongCodes()
  let enrolled: EnrolledHost | undefined
  const stop = new AbortController()
  const stopped = once(stop.signal, 'abort')
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = (publicKey: string, from: string): Promise<EnrolledHost> => {
    const mine = turn.then(() => enrol(office, signer, held.invitation, { publicKey, from }))
    turn = mine.catch(() => undefined)
    return mine
  }
  const listening = await listen({
    host: wish.listen?.host,
    ports: portsOf(wish.listen, held.invitation.port),
    secret: secretOf(readCode(held.invitation.code)),
    wrongCodes,
    onRefused: (address, why) =>
      report.event(
        why === 'code' ? `${address}: a wrong code` : `${address}: not flatnet-cni, or another version`,
      ),
    talk: (socket, from) =>
      talkWith(socket, from, {
        office,
        invitation: held.invitation,
        enrol: inTurn,
        programs,
        confirm: (confirmed) => {
          held.end()
          enrolled = confirmed
          stop.abort()
        },
        say: report.event,
      }),
  })
  held.setPort(listening.port)
  report.waits({ invitation: held.invitation, isResumed: held.isResumed })
  const left = (): number => held.invitation.until - unixSeconds(new Date())
  const timer = setInterval(() => {
    report.tick(left(), wrongCodes.total())
    if (left() <= 0) stop.abort()
  }, TICK_MS)
  gone.addEventListener('abort', () => stop.abort())
  if (gone.aborted) stop.abort()
  await stopped
  clearInterval(timer)
  if (gone.aborted) listening.abort()
  else await listening.close()
  // A host that was in the middle of it when the time was over has come to its end now.
  if (enrolled !== undefined) return enrolled
  throw ended(
    gone.aborted ? 'gone' : 'over',
    held.invitation,
    signedUnder(office.ledger().entries, held.invitation)?.at,
  )
}

function portsOf(target: Target | undefined, earlier: number): readonly number[] {
  if (target !== undefined) return [target.port]
  return earlier === 0 ? PORTS : [earlier, ...PORTS]
}

function ended(how: 'over' | 'gone', { host }: Invitation, signedAt: string | undefined): CniError {
  const message = how === 'over' ? 'invitation ended: 15 minutes are over' : 'invitation ended'
  const again = `flatnet-cni host invite ${host.name}`
  return new CniError(
    CniCode.TryAgainLater,
    message,
    signedAt === undefined
      ? `the code opens nothing any more, and nothing was signed; for a new one: ${again}`
      : `a certificate for ${host.name} was signed at ${signedAt}, but the host did not confirm ` +
          `that it has it: run join there again, which goes on if it has; if not: ${again} --again`,
  )
}
