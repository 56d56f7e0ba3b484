// Reads a bundle's file and opens it.

import { CniCode, CniError } from '../cni/error.ts'
import { withoutMark } from '../config/source-text.ts'
import { readCode } from '../provision/bundle/code.ts'
import { bundleObject, checkedBundle, type CheckedBundle, parseBundle } from '../provision/bundle/contents.ts'
import { readEnvelope } from '../provision/bundle/seal.ts'
import { readOptional } from '../state/files/source-file.ts'

/**
 * Opens a bundle and verifies what it holds.
 * @param askCode returns the code; asked only for a bundle that has one
 * @param now Unix seconds
 * @throws CniError that names the file and never quotes it
 */
export async function openBundle(
  file: string,
  askCode: () => Promise<string>,
  now: number,
): Promise<CheckedBundle> {
  const text = readOptional(file, 'bundle')
  if (text === undefined)
    throw new CniError(
      CniCode.IoFailure,
      'bundle missing',
      `${file}: no such file; copy it to this host first`,
    )
  const envelope = readEnvelope(bundleObject(withoutMark(text), file), file)
  const code = envelope.needsCode ? readCode(await askCode()) : Buffer.alloc(0)
  const bundle = parseBundle(envelope.open(code), file)
  return checkedBundle(bundle, now, file)
}
