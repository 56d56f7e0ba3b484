// One conversation of the office with a host that knows the code.

import type { TLSSocket } from 'node:tls'
import { CniError, errnoCode } from '../../cni/error.ts'
import { parseCertificates } from '../../nebula/certificate/parse.ts'
import { answerOf, previewOf } from '../../provision/enrolment/answer.ts'
import { certificateSubnets } from '../../provision/office/certificate-subnets.ts'
import { frame, messagesOf } from '../../provision/enrolment/frames.ts'
import {
  type FromHost,
  type FromOffice,
  MOST_FROM_HOST,
  readFromHost,
  versioned,
} from '../../provision/enrolment/messages.ts'
import { unixSeconds } from '../../unix-time.ts'
import { type Office, textOf } from '../../state/office/folder.ts'
import { bundleOf } from '../bundle-of.ts'
import { confirmedHost, type EnrolledHost, enrolledBundle, expectedAssignment } from './enrol.ts'
import type { Invitation } from '../../provision/enrolment/invitation.ts'
import { offerFor, piecesOf, type ProgramFiles } from './programs.ts'

type Answered = Exclude<FromHost, { readonly kind: 'program' }>

interface Talk {
  readonly office: Office
  readonly invitation: Invitation
  /** Gives the host its certificate; one at a time. */
  readonly enrol: (publicKey: string, from: string) => Promise<EnrolledHost>
  /** What a host gets that lacks Nebula. */
  readonly programs: ProgramFiles
  /** The host has everything. Ends the invitation before it returns. */
  readonly confirm: (enrolled: EnrolledHost) => void
  /** Is told what happens. */
  readonly say: (what: string) => void
}

// Two programs and what leads to them, preview, request, received: more is none of ours.
const MOST_MESSAGES = 8

/** Talks until the host has everything, or ends the connection. */
export async function talkWith(socket: TLSSocket, from: string, talk: Talk): Promise<void> {
  const { office, invitation, say } = talk
  const send = (message: FromOffice): void => void socket.write(frame(versioned(message)))
  const { name } = invitation.host
  try {
    send(hello(office, name))
    let count = 0
    for await (const object of messagesOf(chunksOf(socket), 'the host', MOST_FROM_HOST)) {
      count += 1
      if (count > MOST_MESSAGES) return
      const message = readFromHost(object)
      if (message.kind === 'program') {
        say(`${from}: gets ${message.name}`)
        for await (const data of piecesOf(talk.programs, message.name)) await sendWhole(socket, data)
        continue
      }
      // Signing may take longer than a host may be silent.
      const silenceMs = socket.timeout ?? 0
      socket.setTimeout(0)
      const answer = await answerTo(message, from, talk)
      socket.setTimeout(silenceMs)
      send(answer)
      if (answer.kind === 'done') return
    }
  } catch (error) {
    if (error instanceof CniError) {
      say(`${from}: ${error.message}${error.details === '' ? '' : `: ${error.details}`}`)
      send({ kind: 'refused', message: error.message, details: error.details || '-' })
    } else if (errnoCode(error) === undefined) throw error
    // Otherwise the connection broke. The host can call again.
  }
}

// An early end must not take the answer along that is still being sent.
function chunksOf(socket: TLSSocket): AsyncIterable<Buffer> {
  return socket.iterator({ destroyOnReturn: false })
}

function hello({ plan, ca }: Office, name: string): FromOffice {
  const [authority] = parseCertificates(textOf(ca.certificate), ca.certificate)
  return {
    kind: 'hello',
    office: plan.office,
    name,
    curve: plan.curve,
    authority: authority?.fingerprint ?? '',
    time: unixSeconds(new Date()),
  }
}

// A whole program is not to wait in memory for a slow host.
function sendWhole(socket: TLSSocket, data: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(frame(versioned({ kind: 'piece', data })), (error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}

async function answerTo(message: Answered, from: string, talk: Talk): Promise<FromOffice> {
  const { office, invitation, say } = talk
  switch (message.kind) {
    case 'programs':
      return { kind: 'programs', programs: await offerFor(talk.programs, message.machine) }
    case 'preview': {
      const assignment = expectedAssignment(office, invitation, from)
      const bundle = bundleOf(office, assignment, office.ledger().entries, '')
      const subnets = certificateSubnets(office.plan, assignment)
      return { kind: 'preview', bundle: previewOf(bundle, assignment.overlay, subnets) }
    }
    case 'request': {
      const enrolled = await talk.enrol(message.publicKey, from)
      say(`${from}: signed a certificate for ${enrolled.assignment.name}; waiting until it has it`)
      return { kind: 'certificate', bundle: answerOf(enrolledBundle(office, enrolled)) }
    }
    case 'received':
      talk.confirm(confirmedHost(office, invitation, message.fingerprint))
      return { kind: 'done' }
  }
}
