// The list that agents exchange, as JSON: {"version": 1, "certificates": ["-----BEGIN NEBULA…", …],
// "statements": ["{\"flatnetStatement\": 1, …}", …]}, the sender's own certificate first. Certificates and
// statements prove themselves, so the list needs no signature. Each text of a certificate is one file: one
// block, or one of each version. Agents before 1.0 send no statements.

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
export function renderList(pems: readonly string[], statements: readonly string[] = []): RenderedList {
  const parts: string[] = []
  const told = statements.map((text) => JSON.stringify(text)).join(',')
  let bytes = 100 + Buffer.byteLength(told)
  for (const pem of pems) {
    const part = JSON.stringify(pem)
    bytes += Buffer.byteLength(part) + 1
    if (bytes > MOST_LIST_BYTES) break
    parts.push(part)
  }
  const body = Buffer.from(`{"version":1,"certificates":[${parts.join(',')}],"statements":[${told}]}\n`)
  return { body, etag: `"${hash('sha256', body).slice(0, 32)}"` }
}

/** More than two CAs in a rotation have. */
const MOST_STATEMENTS = 16

/** What a list holds, none of it verified. */
export interface ReceivedList {
  readonly certificates: readonly string[]
  readonly statements: readonly string[]
}

/** Returns what a list holds, or the problem in words. Later versions must keep the keys of version 1. */
export function parseList(text: string): ReceivedList | { readonly problem: string } {
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
  if (list.length > MOST_CERTIFICATES) return { problem: 'too many certificates' }
  const { statements = [] } = value
  if (!Array.isArray(statements) || !statements.every((item) => typeof item === 'string'))
    return { problem: 'statements is not a list of texts' }
  if (statements.length > MOST_STATEMENTS) return { problem: 'too many statements' }
  return { certificates: list, statements }
}
