// Where this host's own resolvers are written.

import { readCachedText } from '../../state/files/cache.ts'

export const RESOLV_CONF = '/etc/resolv.conf'

// systemd-resolved's stub listens on 127.0.0.53 only. The resolvers that it asks are written here
// (systemd-resolved.service(8), /ETC/RESOLV.CONF).
const BEHIND_THE_STUB = '/run/systemd/resolve/resolv.conf'

/** Returns the texts of the files that exist; the one that programs of the host use comes first. */
export function resolverTexts(resolvConf = RESOLV_CONF): readonly string[] {
  return [resolvConf, BEHIND_THE_STUB].flatMap((file) => readCachedText(file) ?? [])
}
