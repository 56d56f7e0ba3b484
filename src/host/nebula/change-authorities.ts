// Brings this host's CA file to what the statements say: an introduced CA comes in, a retired one goes once
// this host's own certificate is of another.

import { CniError } from '../../cni/error.ts'
import type { Settings } from '../../config/settings.ts'
import { reloadNebula } from '../../kernel/nebula/reload.ts'
import { parseCertificates } from '../../nebula/certificate/parse.ts'
import { caFileText, type Trust } from '../../provision/statement/authorities.ts'
import { noteReloadDue, noteReloaded } from '../../state/agent/statements.ts'
import { readOptional } from '../../state/files/source-file.ts'
import { changeOwn } from './change-own.ts'

type Files = Pick<Settings, 'nebula' | 'dataDir'>

/** Tells whether {@link changeAuthorities} would change the file. @throws CniError */
export function isChangeDue({ nebula }: Pick<Settings, 'nebula'>, trust: Trust): boolean {
  return wantedText(nebula, trust) !== undefined
}

/**
 * Changes the file and makes Nebula read it. A kill in between leaves the new file and a note, by which the
 * next start reloads Nebula. Returns whether there was something to change.
 * @throws CniError that names the file
 */
export function changeAuthorities({ nebula, dataDir }: Files, trust: Trust): boolean {
  const wanted = wantedText(nebula, trust)
  if (wanted === undefined) return false
  noteReloadDue(dataDir)
  changeOwn(nebula.ca, () => wanted)
  reloadNebula(nebula.config)
  noteReloaded(dataDir)
  return true
}

function wantedText({ ca, cert }: Settings['nebula'], trust: Trust): string | undefined {
  if (trust.introduced.size === 0 && trust.retired.size === 0) return undefined
  const text = readOptional(ca, 'CA certificate')
  if (text === undefined) return undefined
  // An entry that cannot be read may still be needed.
  const needed = issuersOf(cert) ?? trust.retired
  return caFileText(text, trust, needed)
}

function issuersOf(path: string): ReadonlySet<string> | undefined {
  try {
    const pem = readOptional(path, 'host certificate')
    if (pem === undefined) return undefined
    return new Set(parseCertificates(pem, path).map(({ issuer }) => issuer))
  } catch (error) {
    if (error instanceof CniError) return undefined
    throw error
  }
}
