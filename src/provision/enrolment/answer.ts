// The bundle on its way through a channel: without the private key, which the host has. A preview has no
// certificate either.

import { parsePrefix, type Prefix } from '../../addr/prefix.ts'
import type { JsonObject } from '../../json.ts'
import { caPool } from '../../nebula/certificate/ca-pool.ts'
import { type CheckedBundle, type HostBundle, parseBundle } from '../bundle/contents.ts'
import type { Hello } from './messages.ts'
import { unreadable } from './frames.ts'

// A plan shows no contents, so any text stands for what does not exist yet.
const NOT_YET = 'made by join'

/** A bundle before its host has its key in it. */
export type KeylessBundle = Omit<HostBundle, 'key'>

/** Returns what the office sends. */
export function answerOf(bundle: KeylessBundle): JsonObject {
  return { version: 1, ...bundle }
}

/** Returns what the office sends as a preview. */
export function previewOf(
  bundle: Omit<KeylessBundle, 'certificate'>,
  overlay: readonly string[],
  subnets: readonly string[],
): JsonObject {
  return { version: 1, ...bundle, overlay, subnets }
}

/** Returns the text of the bundle that an answer makes together with the host's key. */
export function bundleTextOf(answer: JsonObject, key: string): string {
  return JSON.stringify({ ...answer, key })
}

/**
 * Reads a preview as the bundle that it stands for. Its certificate and key are none.
 * @throws CniError that names the key
 */
export function readPreview(preview: JsonObject, hello: Hello, source: string): CheckedBundle {
  const { overlay, subnets, ...rest } = preview
  const bundle = parseBundle(JSON.stringify({ ...rest, certificate: NOT_YET, key: NOT_YET }), source)
  return {
    bundle,
    pool: caPool(bundle.ca, `${source}: ca`),
    certificate: {
      version: 1,
      name: bundle.name,
      networks: networks(overlay),
      unsafeNetworks: networks(subnets),
      groups: bundle.groups,
      isCa: false,
      notBefore: hello.time,
      notAfter: hello.time,
      issuer: hello.authority,
      curve: hello.curve,
      publicKey: Buffer.alloc(0),
      signature: Buffer.alloc(0),
      signedBytes: Buffer.alloc(0),
      fingerprint: '',
    },
    authority: hello.authority,
    pools: networks(bundle.pools),
  }
}

function networks(value: unknown): readonly Prefix[] {
  const texts: readonly unknown[] = Array.isArray(value) ? value : [undefined]
  return texts.map((text) => (typeof text === 'string' ? parsePrefix(text) : undefined) ?? wrongNetworks())
}

function wrongNetworks(): never {
  throw unreadable('the office', 'networks of a preview are missing or have another form')
}
