// What a failed call to an office means, and what to do.

import { CniCode, CniError, errnoCode } from '../../cni/error.ts'
import { type Target, targetText } from '../../provision/enrolment/target.ts'

/** Returns the error of a call as the operator's. */
export function callFailure(target: Target, error: unknown): unknown {
  if (error instanceof CniError) return error
  const code = errnoCode(error)
  if (code === undefined) return error
  const [, message, advice] = CAUSES.find(([pattern]) => pattern.test(code)) ?? OTHER
  return new CniError(
    CniCode.TryAgainLater,
    message,
    `${targetText(target)}, TCP port ${String(target.port)}: ${advice(code)}`,
    { cause: error },
  )
}

/** The error for an office that does not answer in time. */
export function silent(target: Target): CniError {
  return new CniError(
    CniCode.TryAgainLater,
    'no answer',
    `${targetText(target)}, TCP port ${String(target.port)}: ${FIREWALL}`,
  )
}

const FIREWALL =
  'nothing answers. Is the office machine on, and is this its address? Its firewall has to let ' +
  'the port in (host invite names the command; on Windows too, where it runs in WSL2)'
const NEXT =
  'On the office machine: flatnet-cni host invite NAME (NAME --again if a certificate was signed already)'

type Cause = readonly [pattern: RegExp, message: string, advice: (code: string) => string]

const CAUSES: readonly Cause[] = [
  [
    /^ECONNREFUSED$/,
    'no invitation waits there',
    () => `it was used up, its 15 minutes are over, it was ended, or its port is another one. ${NEXT}`,
  ],
  [/^(?:ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN)$/, 'no answer', (code) => `${code}: ${FIREWALL}`],
  [
    /^(?:ENOTFOUND|EAI_)/,
    'name unknown',
    (code) => `${code}: neither a file nor a name that resolves; give the address that host invite printed`,
  ],
  [
    /UNKNOWN_PSK_IDENTITY/,
    'code refused',
    () =>
      'another invitation waits there; this code was used up, has ended, or belongs to another ' +
      `office. ${NEXT}`,
  ],
  [
    /BAD_RECORD_MAC|DECRYPT/,
    'connection altered',
    () =>
      'something between the two machines changes what is sent: run the same command again, or ' +
      'carry a bundle (host add)',
  ],
  [
    /^ERR_SSL|^EPROTO/,
    'no invitation there',
    (code) => `what listens there is not \`host invite\` of this version (${code}): compare address and port`,
  ],
  [
    /^(?:ECONNRESET|EPIPE|ECONNABORTED)$/,
    'connection lost',
    () =>
      'it ended before it was done: see what host invite says on the office machine, start it ' +
      'again if it was stopped, and run the same command again; the code stays good',
  ],
]

const OTHER: Cause = [/./, 'office not reached', (code) => `${code}; run the same command again`]
