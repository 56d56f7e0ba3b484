// Splits PEM text into blocks under the rules of Nebula 1.11 (cert/pem.go): text before and between blocks is
// ignored, text after the last one is an error. The contents of the blocks do not matter here.

import { quoted, undecodable } from './refusal.ts'

/** One block. `where` names the file and, if the file has several, the block. */
export interface PemBlock {
  readonly banner: string
  readonly bytes: Buffer
  readonly where: string
}

// The size limit of a certificate in Nebula (cert/cert_v2.go, MaxCertificateSize), and its length in base64.
const MAX_BYTES = 65536
const MAX_BASE64 = Math.ceil(MAX_BYTES / 3) * 4

const SAVE_AS = 'save the file as plain ASCII or UTF-8'

/**
 * Returns the blocks of `pem`, at least one. Throws CniError DecodeFailure for a byte order mark, UTF-16
 * text, a truncated block, invalid base64, more than 65,536 bytes, text after the last block, and a file
 * without any block.
 */
export function readPem(pem: string, source: string): PemBlock[] {
  // Every Nebula version refuses such files. Windows editors and PowerShell redirection produce them.
  if (pem.includes('\uFEFF')) {
    throw undecodable(source, 'has a byte order mark: save the file without one')
  }
  if (pem.includes('\0')) throw undecodable(source, `looks like UTF-16: ${SAVE_AS}`)

  const found: { banner: string; base64: string }[] = []
  let open: { banner: string; base64: string } | undefined
  let stray = 0
  for (const [index, raw] of pem.split('\n').entries()) {
    const line = raw.trim()
    if (open !== undefined && line === `-----END ${open.banner}-----`) {
      found.push(open)
      open = undefined
      stray = 0
    } else if (open !== undefined) {
      if (line.startsWith('-----')) break
      open.base64 += line
      if (open.base64.length > MAX_BASE64) throw tooLarge(source)
    } else if (/^-----BEGIN .+-----\s*$/.test(raw)) {
      open = { banner: line.slice('-----BEGIN '.length, -'-----'.length), base64: '' }
    } else if (line.includes('-----BEGIN ') || line.includes('-----END ')) {
      throw undecodable(source, `line ${String(index + 1)} is a damaged PEM line: copy the whole file again`)
    } else if (line !== '' && stray === 0) {
      stray = index + 1
    }
  }
  // Errors give line numbers and never the text, because the file may be a private key.
  if (open !== undefined) {
    throw undecodable(source, `the block ${quoted(open.banner)} has no END line: copy the whole file again`)
  }
  if (found.length === 0) {
    throw undecodable(source, 'has no PEM block: use the file that nebula-cert wrote')
  }
  if (stray !== 0) {
    throw undecodable(
      source,
      `line ${String(stray)} is text after the last block: Nebula refuses it too, remove it`,
    )
  }
  return found.map(({ banner, base64 }, index) => {
    const where = found.length === 1 ? source : `${source}, block ${String(index + 1)}`
    const bytes = Buffer.from(base64, 'base64')
    // Node skips characters that are not base64. Comparing the re-encoding finds them.
    if (bytes.toString('base64') !== base64)
      throw undecodable(where, 'is not base64: copy the whole file again')
    if (bytes.length > MAX_BYTES) throw tooLarge(where)
    return { banner, bytes, where }
  })
}

/**
 * Returns the blocks of `pem` as Go writes them, without any surrounding text. Throws what {@link readPem}
 * throws.
 */
export function formatPem(pem: string, source: string): string {
  return readPem(pem, source)
    .map(({ banner, bytes }) => {
      const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
      return [`-----BEGIN ${banner}-----`, ...lines, `-----END ${banner}-----`, ''].join('\n')
    })
    .join('')
}

function tooLarge(where: string): Error {
  return undecodable(where, `a block is larger than ${String(MAX_BYTES)} bytes, which is the limit of Nebula`)
}
