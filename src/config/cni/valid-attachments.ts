// The attachments that a runtime still knows, as it passes them to GC (CNI SPEC 1.1.0, section 2, GC).

import { CniCode, CniError } from '../../cni/error.ts'
import { anyCase, describe } from '../shape.ts'
import { isObject, type JsonObject } from '../../json.ts'

/** One attachment of the network that GC was called for. */
interface ValidAttachment {
  readonly containerID: string
  readonly ifname: string
}

// The key that libcni writes, and the key in the first text of SPEC 1.1.0.
const KEYS = ['cni.dev/valid-attachments', 'cni.dev/attachments']

/**
 * Returns the union of both keys. An absent key and null (a nil slice in Go) are an empty list, which cnitool
 * sends on purpose.
 * @throws CniError DecodeFailure: an unreadable list must not count as empty
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
        throw undecodable(`${path}: needs the strings containerID and ifname, got ${describe(item)}`)
      }
      return { containerID, ifname }
    })
  })
}

function undecodable(details: string): CniError {
  return new CniError(CniCode.DecodeFailure, 'cannot decode the list of valid attachments', details)
}
