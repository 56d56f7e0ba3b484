// What hosts tell each other about hosts, as JSON: {"version": 1, "certificates": ["-----BEGIN NEBULA…", …]}, the own one
// first. A certificate proves itself, so the list needs no signature. One certificate is one file: a block, or one of each
// version.

import { hash } from 'node:crypto'

import { isObject } from '../../config/shape.ts'

/** The most that is written or read, bytes. */
export const MOST_LIST_BYTES = 4_194_304

/** More than any host keeps (src/state/learnt-peers.ts), its own with them. */
const MOST_CERTIFICATES = 8192

/** A list ready to be sent. */
export interface RenderedList {
  readonly body: Buffer
  /** Changes with the body. */
  readonly etag: string
}

/** Writes the list, leaving out at the end what would make it longer than {@link MOST_LIST_BYTES}. */
export function renderList(pems: readonly string[]): RenderedList {
  const parts: string[] = []
  let bytes = 100
  for (const pem of pems) {
    const part = JSON.stringify(pem)
    bytes += Buffer.byteLength(part) + 1
    if (bytes > MOST_LIST_BYTES) break
    parts.push(part)
  }
  const body = Buffer.from(`{"version":1,"certificates":[${parts.join(',')}]}\n`)
  return { body, etag: `"${hash('sha256', body).slice(0, 32)}"` }
}

/** The certificates of a list, or the problem in words. A later version has to keep what version 1 says. */
export function parseList(text: string): readonly string[] | { readonly problem: string } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { problem: 'no JSON' }
  }
  if (!isObject(value) || typeof value['version'] !== 'number' || value['version'] < 1)
    return { problem: 'no list of certificates' }
  const list = value['certificates']
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string'))
    return { problem: 'certificates are no list of texts' }
  return list.length > MOST_CERTIFICATES ? { problem: 'too many certificates' } : list
}
