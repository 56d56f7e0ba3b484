// Signs certificates with nebula-cert and enters them in the ledger.

import { CniCode, CniError } from '../cni/error.ts'
import { askNebulaCert, runNebulaCert } from '../exec/nebula/nebula-cert.ts'
import { parseCertificates } from '../nebula/certificate/parse.ts'
import type { Assignment, Signature } from '../provision/office/ledger.ts'
import { isModern, type ProgramVersion, signArguments } from '../provision/office/nebula-cert.ts'
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
  if (office.plan.certificateVersion === 2 && !isModern(version))
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

async function sign(
  office: Office,
  { version, passphrase }: Signer,
  assignment: Assignment,
  { folder, key }: Place,
): Promise<Signature> {
  const files = { ca: office.ca, certificate: `${folder}/host.crt`, key }
  await runNebulaCert(signArguments(office.plan, assignment, files, version), passphrase)
  const certificate = textOf(files.certificate)
  const [first] = parseCertificates(certificate, files.certificate)
  if (first === undefined) throw new TypeError('parseCertificates gives one at least')
  const { fingerprint, notAfter } = first
  return office.append((): Signature => ({
    kind: 'sign',
    at: new Date().toISOString(),
    name: assignment.name,
    fingerprint,
    notAfter,
    certificate,
  }))
}
