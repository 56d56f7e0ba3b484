// Runs Nebula's own program for certificates.

import { CniCode, CniError } from '../../cni/error.ts'
import { nebulaCertVersion, type ProgramVersion } from '../../provision/office/nebula-cert.ts'
import { run } from '../run.ts'

// Deriving a key from a passphrase takes seconds on a small machine.
const TIMEOUT_MS = 300_000

/** On the PATH, or by its path. */
export type NebulaCert = 'nebula-cert' | `/${string}/nebula-cert`

/**
 * Asks for the version. @param why it is needed here: "the office signs certificates with it"
 * @throws CniError where the program is missing or too old
 */
export async function askNebulaCert(
  why: string,
  program: NebulaCert = 'nebula-cert',
): Promise<ProgramVersion> {
  const { stdout, stderr } = await run({ file: program, args: ['-version'] }).catch(
    (error: unknown): never => {
      if (!(error instanceof CniError) || error.message !== 'program missing') throw error
      throw new CniError(
        CniCode.PluginUnavailable,
        'nebula-cert missing',
        `${why}: install Nebula 1.9.7 or newer (https://github.com/slackhq/nebula/releases), or ` +
          'put nebula-cert on the PATH',
      )
    },
  )
  return nebulaCertVersion(`${stdout}${stderr}`)
}

/**
 * Runs nebula-cert. @param passphrase of the CA's key, if it is encrypted; Nebula 1.10 and later
 * @throws CniError CommandRefused with what it said
 */
export async function runNebulaCert(
  args: readonly string[],
  passphrase?: string,
  program: NebulaCert = 'nebula-cert',
): Promise<void> {
  const { exitCode, stdout, stderr } = await run({
    file: program,
    args,
    timeoutMs: TIMEOUT_MS,
    ...(passphrase === undefined ? {} : { secrets: { NEBULA_CA_PASSPHRASE: passphrase } }),
  })
  if (exitCode === 0) return
  const said = `${stderr}${stdout}`.trim().split('\n').slice(0, 3).join('; ')
  throw new CniError(CniCode.CommandRefused, 'nebula-cert refused', `nebula-cert ${args[0] ?? ''}: ${said}`)
}
