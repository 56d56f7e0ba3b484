// The one error class of this project and its codes. Whoever meets a CniError prints it; nobody wraps one in another.

/**
 * Error codes. 1 to 99 belong to the CNI specification (SPEC 1.1.0, section 5, "Error"; 8 is the reference
 * implementation's ErrInvalidNetNS, 999 its ErrInternal); from 100 on they are this plugin's own.
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

/** One of the numbers in {@link CniCode}. */
export type CniCode = (typeof CniCode)[keyof typeof CniCode]

/**
 * A failure that an operator can meet. `message` is short, stable and lower-case ("range exhausted"); `details`
 * names the file, key and value and says what to do next. Our own mistakes stay plain Errors and become code 999.
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

/** The `code` of a failed system call ("ENOENT", "EEXIST", …), or undefined for anything else. */
export function errnoCode(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return undefined
}
