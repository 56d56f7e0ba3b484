// Reads what nginx says that it holds.

import type { SelfDocument } from '../../http-gateway/document.ts'
import { isObject, type JsonObject } from '../../json.ts'

/** Stamps by host, what nginx was told of its own host, and digests of the texts that it hands on. */
interface Held {
  readonly hosts: ReadonlyMap<string, string>
  readonly self: SelfDocument | undefined
  readonly texts: ReadonlyMap<string, string>
}

export function readHeld({ hosts, self, texts }: JsonObject): Held {
  return {
    hosts: textMap(hosts),
    texts: textMap(texts),
    self: isSelf(self)
      ? { version: 1, host: self.host, domain: self.domain, overlay: self.overlay }
      : undefined,
  }
}

function textMap(object: unknown): ReadonlyMap<string, string> {
  const entries = isObject(object) ? Object.entries(object) : []
  return new Map(entries.flatMap(([key, text]) => (typeof text === 'string' ? [[key, text] as const] : [])))
}

function isSelf(value: unknown): value is SelfDocument {
  return (
    isObject(value) &&
    value['version'] === 1 &&
    typeof value['host'] === 'string' &&
    typeof value['domain'] === 'string' &&
    typeof value['overlay'] === 'string'
  )
}
