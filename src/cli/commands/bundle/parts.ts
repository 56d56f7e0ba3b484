// The parts of a support archive. Each part may fail on its own, and the archive lists the failures too.

import { CniError, errorText } from '../../../cni/error.ts'

/** A document or a text. */
export type Content = { readonly json: unknown } | { readonly text: string }

export interface Part {
  /** Its path in the archive. */
  readonly path: string
  /**
   * Returns the content; undefined when this host has none.
   * @throws CniError when it is unavailable
   */
  readonly read: () => Content | undefined | Promise<Content | undefined>
}

/** Parts made from the files in a folder. */
export interface PartList {
  /** Their path in the archive: "peers/". */
  readonly path: string
  /** @throws CniError when the folder cannot be read */
  readonly list: () => readonly Part[]
}

interface Gathered {
  readonly contents: ReadonlyMap<string, Content>
  /** The parts that could not be read, and why. */
  readonly failures: readonly { readonly part: string; readonly reason: string }[]
}

/** Reads all parts, one after another: some of them start processes that others would report. */
export async function gatherParts(
  parts: readonly (Part | PartList)[],
  progress: (text: string) => void,
): Promise<Gathered> {
  const contents = new Map<string, Content>()
  const failures: { part: string; reason: string }[] = []
  const attempt = async (path: string, action: () => void | Promise<void>): Promise<void> => {
    progress(path)
    try {
      await action()
    } catch (error) {
      if (!(error instanceof CniError || error instanceof SyntaxError)) throw error
      failures.push({ part: path, reason: errorText(error) })
    }
  }
  const take = ({ path, read }: Part): Promise<void> =>
    attempt(path, async () => {
      const content = await read()
      if (content !== undefined) contents.set(path, content)
    })
  for (const part of parts) {
    if ('read' in part) {
      await take(part)
      continue
    }
    let listed: readonly Part[] = []
    await attempt(part.path, () => void (listed = part.list()))
    for (const each of listed) await take(each)
  }
  return { contents, failures }
}
