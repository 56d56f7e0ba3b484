// The parts of a support archive: each can fail by itself, and what failed is in the archive too.

import { CniError } from '../../cni/error.ts'

/** A document or a text. */
export type Content = { readonly json: unknown } | { readonly text: string }

export interface Part {
  /** Where it lies in the archive. */
  readonly path: string
  /** Undefined: there is no such thing here. @throws CniError when it cannot be had */
  readonly read: () => Content | undefined | Promise<Content | undefined>
}

/** Parts that a folder is read for. */
export interface PartList {
  /** Where they lie in the archive: "peers/". */
  readonly path: string
  /** @throws CniError when the folder cannot be read */
  readonly list: () => readonly Part[]
}

export interface Gathered {
  readonly contents: ReadonlyMap<string, Content>
  /** Which parts could not be had, and why. */
  readonly failures: readonly { readonly part: string; readonly reason: string }[]
}

/** Reads all parts, one after another: some of them change what others would see of processes. */
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
      failures.push({ part: path, reason: reasonOf(error) })
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

function reasonOf(error: unknown): string {
  if (error instanceof CniError) return `${error.message}: ${error.details}`
  if (error instanceof SyntaxError) return error.message
  throw error
}
