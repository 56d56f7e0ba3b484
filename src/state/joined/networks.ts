// Which network configuration of the host names the plugin.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { errnoCode } from '../../cni/error.ts'
import { placeFailure } from './places.ts'

// Where podman, nerdctl and containerd look (CNI_NETCONFPATH's default).
const FOLDER = '/etc/cni/net.d'

/** Returns the first file that names flatnet-cni as a plugin. @throws CniError IoFailure */
export function ownConflist(folder: string = FOLDER): string | undefined {
  try {
    return readdirSync(folder)
      .filter((name) => /\.(conflist|conf)$/.test(name))
      .toSorted()
      .map((name) => join(folder, name))
      .find((path) => readFileSync(path, 'utf8').includes('"flatnet-cni"'))
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return undefined
    throw placeFailure(folder, error)
  }
}
