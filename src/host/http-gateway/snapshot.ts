// Compares the file from which nginx starts with what nginx holds.

import { errorText } from '../../cni/error.ts'
import { stampText } from '../../http-gateway/document.ts'
import { isObject } from '../../json.ts'
import { readText } from '../../state/files/atomic.ts'

/** Returns what is wrong with the file; undefined if nothing is. @param held stamps by host, as nginx says */
export function snapshotProblem(path: string, held: Readonly<Record<string, string>>): string | undefined {
  let stamps: ReadonlyMap<string, string>
  try {
    const text = readText(path)
    if (text === undefined) return `${path} is missing`
    stamps = readStamps(JSON.parse(text))
  } catch (error) {
    return `${path} cannot be used: ${errorText(error)}`
  }
  const differing = Object.keys({ ...Object.fromEntries(stamps), ...held }).filter(
    (host) => stamps.get(host) !== held[host],
  )
  const [first] = differing
  return first === undefined ? undefined : `${path} is not what nginx holds: ${differing.join(', ')}`
}

function readStamps(value: unknown): ReadonlyMap<string, string> {
  if (!isObject(value) || value['version'] !== 1 || !Array.isArray(value['hosts']))
    throw new Error('not a snapshot of version 1')
  return new Map(
    value['hosts'].map((each: unknown) => {
      const { host, epoch, seq } = isObject(each) ? each : {}
      if (typeof host !== 'string' || typeof epoch !== 'number' || typeof seq !== 'number')
        throw new Error('a host without name or stamp')
      return [host, stampText({ epoch, seq })] as const
    }),
  )
}
