// A refusal as netavark reads it: an object with the single key "error". A further key is itself an
// error for `create`.

import { CniError, errorText } from '../cni/error.ts'

/**
 * Renders a failure as one JSON line, with notes on further failures. An error that is not a
 * CniError is a bug.
 */
export function renderNetavarkError(error: unknown, notes: readonly string[] = []): string {
  const text = [textOf(error), ...notes].join('; ')
  return `${JSON.stringify({ error: reworded(text) })}\n`
}

function textOf(error: unknown): string {
  if (error instanceof CniError) return errorText(error)
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return `internal error: ${reason} (a mistake in flatnet-cni, please report it)`
}

// podman run takes a text that contains "not found" or "no such file" for a missing command in the container,
// and exits with 127 instead of 126 (podman, libpod/define/exec_codes.go).
function reworded(text: string): string {
  return text
    .replaceAll(/no such file or directory/gi, 'does not exist')
    .replaceAll(/no such file/gi, 'does not exist')
    .replaceAll(/not found/gi, 'missing')
}
