// The project's one error class and its codes. A CniError is printed as is and never wrapped in another.

/**
 * Error codes. 1 to 99 are reserved by the CNI specification (SPEC 1.1.0, section 5, "Error"; 8 is the
 * reference implementation's ErrInvalidNetNS). Codes from 100 on belong to this plugin, except 999, the
 * reference implementation's ErrInternal.
 */
export const CniCode = {
  IncompatibleVersion: 1,
  UnsupportedField: 2,
  ContainerUnknown: 3,
  InvalidEnvironment: 4,
  IoFailure: 5,
  DecodeFailure: 6,
  InvalidConfig: 7,
  InvalidNetns: 8,
  TryAgainLater: 11,
  PluginUnavailable: 50,
  LimitedConnectivity: 51,
  CommandRefused: 100,
  RangeExhausted: 101,
  StateDamaged: 102,
  AgentUnreachable: 103,
  AddressTaken: 104,
  InterfaceExists: 105,
  CertificateRefused: 106,
  CheckFailed: 107,
  PortTaken: 108,
  Internal: 999,
} as const

/** A number in {@link CniCode}. */
export type CniCode = (typeof CniCode)[keyof typeof CniCode]

/**
 * A failure for the operator. `message` is short, stable and lowercase ("range exhausted"). `details` names
 * the file, key and value and says what to do next. Bugs stay plain Errors and get code 999.
 */
export class CniError extends Error {
  readonly code: CniCode
  readonly details: string

  constructor(code: CniCode, message: string, details = '', options?: ErrorOptions) {
    super(message, options)
    this.name = 'CniError'
    this.code = code
    this.details = details
  }
}

/** Returns the `code` of a failed system call ("ENOENT", "EEXIST", …), or undefined for any other error. */
export function errnoCode(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return undefined
}

/** Returns what went wrong in one line, without a stack trace. */
export function errorText(error: unknown): string {
  if (error instanceof CniError && error.details !== '') return `${error.message}: ${error.details}`
  return error instanceof Error ? error.message : String(error)
}
