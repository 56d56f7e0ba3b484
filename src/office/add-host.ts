// Adds a host to an office: takes addresses from the ledger, makes key and certificate with nebula-cert,
// and writes a bundle for join.

import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import { CniCode, CniError } from '../cni/error.ts'
import { CODE_BYTES, codeWords } from '../provision/bundle/code.ts'
import { bundleText } from '../provision/bundle/contents.ts'
import { sealed, unsealed } from '../provision/bundle/seal.ts'
import { textContent } from '../provision/host/wanted.ts'
import type { Assignment } from '../provision/office/ledger.ts'
import type { Office } from '../state/office/folder.ts'
import { isThere } from '../state/files/output-file.ts'
import { clearTemporaries, put } from '../state/joined/places.ts'
import { assigned, type HostRequest, moved } from './assignment.ts'
import { bundleOf } from './bundle-of.ts'
import { openSigner, signNewKey } from './sign.ts'

/** What is asked for a host. */
interface HostWish extends HostRequest {
  /** Sign another key for the addresses that the name has. */
  readonly isAgain: boolean
  readonly isPlain: boolean
  /** The bundle's file. */
  readonly file: string
  /** Asks for the passphrase of the CA's key. */
  readonly passphrase: () => Promise<string>
}

/** A host that was added. */
export interface AddedHost {
  readonly assignment: Assignment
  readonly notAfter: number
  /** Opens the bundle; undefined for a plain one. */
  readonly code: string | undefined
  readonly file: string
  /** It is a lighthouse that other hosts know at another address. */
  readonly isMove: boolean
}

/** Adds a host. @throws CniError that says what is in the way */
export async function addHost(office: Office, wish: HostWish): Promise<AddedHost> {
  refuseOccupied(wish.file)
  const signer = await openSigner(office, wish.passphrase)
  const assignment = wish.isAgain ? await moved(office, wish) : await assigned(office, wish)
  const { key, signature } = await signNewKey(office, signer, assignment)
  const { entries } = office.ledger()
  const { certificate, fingerprint } = signature
  const contents = bundleText({
    ...bundleOf(office, assignment, entries, fingerprint),
    certificate,
    key,
  })
  const label = { host: assignment.name, office: office.plan.office }
  const secret = randomBytes(CODE_BYTES)
  const text = wish.isPlain
    ? unsealed(contents, label)
    : sealed(contents, label, secret, { salt: randomBytes(16), nonce: randomBytes(12) })
  writeBundle(wish, text)
  return {
    assignment,
    notAfter: signature.notAfter,
    code: wish.isPlain ? undefined : codeWords(secret),
    file: wish.file,
    isMove: wish.isAgain && wish.endpoints.length > 0,
  }
}

// Before anything is signed: what is there may be the only bundle of a host.
function refuseOccupied(file: string): void {
  if (!isThere(file)) return
  throw new CniError(
    CniCode.IoFailure,
    'file exists',
    `${file}: is there already: move it away, or name another file with --out`,
  )
}

function writeBundle({ file, name }: HostWish, text: string): void {
  try {
    clearTemporaries(dirname(file))
    put({ kind: 'file', path: file, mode: 0o600, what: 'bundle', content: textContent(text) })
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    throw new CniError(
      error.code,
      'bundle not written',
      `${error.details}; the certificate is in the ledger, but its key is lost. Make another: ` +
        `flatnet-cni host add ${name} --again`,
      { cause: error },
    )
  }
}
