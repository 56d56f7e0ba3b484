// The list of hosts that agents exchange, as JSON: {"version": 1, "certificates": ["-----BEGIN NEBULA…", …]},
// the sender's own first. A certificate proves itself, so the list needs no signature. Each text is one
// certificate file: one block, or one of each version.

import { hash } from 'node:crypto'

import { isObject } from '../../json.ts'

/** The largest list that is written or read, in bytes. */
export const MOST_LIST_BYTES = 4_194_304

/** More than any host stores (src/state/agent/learnt-peers.ts), its own included. */
const MOST_CERTIFICATES = 8192

/** A list ready to be sent. */
export interface RenderedList {
  readonly body: Buffer
  /** Changes with the body. */
  readonly etag: string
}

/** Renders the list. Omits certificates at the end that would make it longer than {@link MOST_LIST_BYTES}. */
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

/**
 * Returns the certificates of a list, or the problem in words. Later versions must keep the
 * keys of version 1.
 */
export function parseList(text: string): readonly string[] | { readonly problem: string } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { problem: 'not JSON' }
  }
  if (!isObject(value) || typeof value['version'] !== 'number' || value['version'] < 1)
    return { problem: 'not a list of certificates' }
  const list = value['certificates']
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string'))
    return { problem: 'certificates is not a list of texts' }
  return list.length > MOST_CERTIFICATES ? { problem: 'too many certificates' } : list
}
