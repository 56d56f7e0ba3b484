// Where the files of the HTTP Gateway are.

import { join } from 'node:path'
import type { Settings } from '../../config/settings.ts'
import { PID_FILE, PUSH_SOCKET } from '../../http-gateway/render.ts'

export const UNIT = 'flatnet-http-gateway.service'
/** systemd.unit(5): where an administrator's units are. */
export const UNIT_FILE = `/etc/systemd/system/${UNIT}`
export const LOG_FOLDER = '/var/log/flatnet'
export const ROTATION_FILE = '/etc/logrotate.d/flatnet-http-gateway'
/** Written last by `install`: what is installed (mark.ts). */
export const MARK_FILE = '/etc/flatnet/http-gateway/installed.json'

export interface GatewayPlaces {
  /** nginx.conf and lua/. */
  readonly folder: string
  readonly config: string
  readonly runFolder: string
  readonly pushSocket: string
  readonly pidFile: string
  /** What the agent pushed last. */
  readonly snapshot: string
}

export function gatewayPlaces({ runDir, dataDir }: Pick<Settings, 'runDir' | 'dataDir'>): GatewayPlaces {
  const folder = '/etc/flatnet/http-gateway'
  const runFolder = join(runDir, 'http-gateway')
  return {
    folder,
    config: join(folder, 'nginx.conf'),
    runFolder,
    pushSocket: join(runFolder, PUSH_SOCKET),
    pidFile: join(runFolder, PID_FILE),
    snapshot: join(dataDir, 'http-gateway.json'),
  }
}
