// Which attachments a runtime still knows, as it says to GC (CNI SPEC 1.1.0, section 2, GC).

import { CniCode, CniError } from '../cni/error.ts'
import { anyCase, describe, isObject, type JsonObject } from './shape.ts'

/** One attachment of the network that GC is called for. */
export interface ValidAttachment {
  readonly containerID: string
  readonly ifname: string
}

// The key that libcni writes, and the one that the text of SPEC 1.1.0 had first.
const KEYS = ['cni.dev/valid-attachments', 'cni.dev/attachments']

/**
 * The union of both keys. An absent key and null (a nil slice of Go's) are an empty list: cnitool sends that on purpose.
 * @throws CniError DecodeFailure: a list that cannot be read must not be taken for an empty one
 */
export function parseValidAttachments(conf: JsonObject): readonly ValidAttachment[] {
  return KEYS.flatMap((key) => {
    const list = anyCase(conf, key) ?? []
    if (!Array.isArray(list)) throw undecodable(`${key}: is ${describe(list)}`)
    return list.map((item: unknown, index) => {
      const path = `${key}[${String(index)}]`
      if (!isObject(item)) throw undecodable(`${path}: is ${describe(item)}`)
      const [containerID, ifname] = [anyCase(item, 'containerID'), anyCase(item, 'ifname')]
      if (typeof containerID !== 'string' || typeof ifname !== 'string') {
        throw undecodable(`${path}: needs the texts containerID and ifname, got ${describe(item)}`)
      }
      return { containerID, ifname }
    })
  })
}

function undecodable(details: string): CniError {
  return new CniError(CniCode.DecodeFailure, 'cannot decode the list of valid attachments', details)
}
