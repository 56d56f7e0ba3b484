// Where this host's own resolvers are written.

import { readCachedText } from '../../state/files/cache.ts'

export const RESOLV_CONF = '/etc/resolv.conf'

// systemd-resolved listens on 127.0.0.53 only. The resolvers that it asks are written here
// (systemd-resolved.service(8), /ETC/RESOLV.CONF).
const OF_RESOLVED = '/run/systemd/resolve/resolv.conf'

/** Returns the texts of the files that exist; the one that programs of the host use comes first. */
export function resolverTexts(): readonly string[] {
  return [RESOLV_CONF, OF_RESOLVED].flatMap((file) => readCachedText(file) ?? [])
}
