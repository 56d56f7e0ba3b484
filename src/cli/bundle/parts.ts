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

export interface Gathered {
  readonly contents: ReadonlyMap<string, Content>
  /** Which parts could not be had, and why. */
  readonly failures: readonly { readonly part: string; readonly reason: string }[]
}

/** Reads all parts, one after another: some of them change what others would see of processes. */
export async function gatherParts(
  parts: readonly Part[],
  progress: (text: string) => void,
): Promise<Gathered> {
  const contents = new Map<string, Content>()
  const failures: { part: string; reason: string }[] = []
  for (const { path, read } of parts) {
    progress(path)
    try {
      const content = await read()
      if (content !== undefined) contents.set(path, content)
    } catch (error) {
      if (!(error instanceof CniError) && !(error instanceof SyntaxError)) throw error
      const reason = error instanceof CniError ? `${error.message}: ${error.details}` : error.message
      failures.push({ part: path, reason })
    }
  }
  return { contents, failures }
}
