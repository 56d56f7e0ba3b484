// `info`: identifies the plugin.

import { buildInfo } from '../../src/build-info.ts'

/** Serves `info`. */
export function info(): string {
  return JSON.stringify({ version: buildInfo().version, api_version: '1.0.0' })
}
