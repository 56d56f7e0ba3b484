// Reads what nginx says that it holds.

import type { SelfDocument } from '../../http-gateway/document.ts'
import { isObject, type JsonObject } from '../../json.ts'

/** Stamps by host, and what nginx was told of its own host. */
interface Held {
  readonly hosts: ReadonlyMap<string, string>
  readonly self: SelfDocument | undefined
}

export function readHeld({ hosts, self }: JsonObject): Held {
  const stamps = isObject(hosts) ? Object.entries(hosts) : []
  return {
    hosts: new Map(
      stamps.flatMap(([host, stamp]) => (typeof stamp === 'string' ? [[host, stamp] as const] : [])),
    ),
    self: isSelf(self) ? { version: 1, host: self.host, domain: self.domain } : undefined,
  }
}

function isSelf(value: unknown): value is SelfDocument {
  return (
    isObject(value) &&
    value['version'] === 1 &&
    typeof value['host'] === 'string' &&
    typeof value['domain'] === 'string'
  )
}
