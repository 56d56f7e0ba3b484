// Signs certificates with nebula-cert and enters them in the ledger.

import { CniCode, CniError } from '../cni/error.ts'
import { askNebulaCert, runNebulaCert } from '../exec/nebula/nebula-cert.ts'
import type { Certificate } from '../nebula/certificate/certificate.ts'
import { parseCertificates } from '../nebula/certificate/parse.ts'
import { publicKeyPem } from '../nebula/keys/public-key.ts'
import type { Assignment, Signature } from '../provision/office/ledger.ts'
import {
  isModern,
  type ProgramVersion,
  signArguments,
  signedVersions,
} from '../provision/office/nebula-cert.ts'
import { createFile } from '../state/files/atomic.ts'
import { type Office, removeWorkFolder, textOf } from '../state/office/folder.ts'

/** What signing needs besides the office. */
export interface Signer {
  readonly version: ProgramVersion
  /** Of the CA's key, if it is encrypted. */
  readonly passphrase: string | undefined
}

/**
 * Makes sure that this machine can sign. @param passphrase asks for that of the CA's key
 * @throws CniError where nebula-cert is missing or too old for the office
 */
export async function openSigner(office: Office, passphrase: () => Promise<string>): Promise<Signer> {
  const version = await askNebulaCert('the office signs certificates with it')
  if (office.plan.certificateVersion !== 1 && !isModern(version))
    throw new CniError(
      CniCode.PluginUnavailable,
      'nebula-cert too old',
      'this office signs certificates of version 2, which needs nebula-cert 1.10 or newer; this ' +
        `is ${version.join('.')}`,
    )
  const isEncrypted = textOf(office.ca.key).includes('ENCRYPTED')
  return { version, passphrase: isEncrypted ? await passphrase() : undefined }
}

/** Makes a key and signs it. @returns the key and what is in the ledger @throws CniError */
export async function signNewKey(
  office: Office,
  signer: Signer,
  assignment: Assignment,
): Promise<{ readonly key: string; readonly signature: Signature }> {
  return inWorkFolder(office, async (folder) => {
    const key = `${folder}/host.key`
    const signature = await sign(office, signer, assignment, { folder, key: { file: key, isNew: true } })
    return { key: textOf(key), signature }
  })
}

/** Signs the public key of a host. @param publicKey PEM @throws CniError */
export async function signPublicKey(
  office: Office,
  signer: Signer,
  assignment: Assignment,
  publicKey: string,
): Promise<Signature> {
  return inWorkFolder(office, (folder) => {
    const key = `${folder}/host.pub`
    createFile(key, publicKey)
    return sign(office, signer, assignment, { folder, key: { file: key, isNew: false } })
  })
}

async function inWorkFolder<T>(office: Office, action: (folder: string) => Promise<T>): Promise<T> {
  const folder = office.workFolder()
  try {
    return await action(folder)
  } finally {
    removeWorkFolder(folder)
  }
}

interface Place {
  readonly folder: string
  readonly key: { readonly file: string; readonly isNew: boolean }
}

// The second certificate is for the key of the first.
function publicHalf(of: Certificate, file: string): Place['key'] {
  createFile(file, publicKeyPem(of))
  return { file, isNew: false }
}

async function sign(
  office: Office,
  { version, passphrase }: Signer,
  assignment: Assignment,
  { folder, key }: Place,
): Promise<Signature> {
  let certificate = ''
  let signed: Certificate | undefined
  for (const each of signedVersions(office.plan)) {
    const file = `${folder}/host-${String(each)}.crt`
    const from = signed === undefined ? key : publicHalf(signed, `${folder}/again.pub`)
    const files = { ca: office.ca, certificate: file, key: from, version: each }
    await runNebulaCert(signArguments(office.plan, assignment, files, version), passphrase)
    certificate += textOf(file)
    signed = parseCertificates(textOf(file), file)[0]
  }
  if (signed === undefined) throw new TypeError('parseCertificates gives one at least')
  // Of two, hosts go by the second (nebula/hosts/host-certificate.ts).
  const { fingerprint, notAfter } = signed
  return office.append((): Signature => ({
    kind: 'sign',
    at: new Date().toISOString(),
    name: assignment.name,
    fingerprint,
    notAfter,
    certificate,
  }))
}
