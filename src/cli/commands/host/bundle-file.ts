// Where a host's bundle goes, and how the CA's passphrase is asked for.

import { resolve } from 'node:path'
import { misuse } from '../../command.ts'
import type { Terminal } from '../../terminal.ts'

/** Returns the file of a bundle: as named, or NAME.flatnet in the current folder. */
export function bundleFile(named: string | undefined, name: string): string {
  return resolve(named ?? `${name}.flatnet`)
}

/** Asks for the passphrase of an office's CA key. */
export async function askPassphrase(terminal: Terminal): Promise<string> {
  const given = await terminal.secret("passphrase of the CA's key")
  return given === undefined || given === '' ? refuseNoPassphrase() : given
}

/** Reports that no passphrase was given. */
export function refuseNoPassphrase(): never {
  throw misuse(
    "the CA's key is encrypted and no passphrase was given",
    'type it when asked, or give it as one line of standard input',
  )
}
