// The files that make up an installed HTTP Gateway, as texts.

import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Settings } from '../../config/settings.ts'
import { parseHttpGatewaySettings } from '../../config/http-gateway-settings.ts'
import type { HttpGatewayOptions } from '../../http-gateway/options.ts'
import { renderNginx } from '../../http-gateway/render.ts'
import { renderLogRotation, renderUnit } from '../../http-gateway/unit.ts'
import { pageFiles } from '../../shipped-files.ts'
import { LUA_FILES } from '../../state/files/lua-files.ts'
import { isThere } from '../../state/files/output-file.ts'
import type { Nginx } from './nginx.ts'
import { gatewayPlaces, LOG_FOLDER, ROTATION_FILE, UNIT_FILE } from './places.ts'
import { isSystemdRunning } from './service.ts'

interface TextFile {
  readonly path: string
  readonly text: string
}

/** @throws CniError UnsupportedField, InvalidConfig */
export function gatewayOptions({ httpGateway }: Pick<Settings, 'httpGateway'>): HttpGatewayOptions {
  return parseHttpGatewaySettings(httpGateway.value, httpGateway.path)
}

/** The text of nginx.conf for this host. @throws CniError InvalidConfig */
export function nginxConfiguration(settings: Settings, nginx: Pick<Nginx, 'modules' | 'user'>): string {
  const { folder, runFolder, snapshot } = gatewayPlaces(settings)
  const { port, addresses, statusPort, connectionsPerClient } = gatewayOptions(settings)
  return renderNginx({
    folder,
    runFolder,
    logFolder: LOG_FOLDER,
    release: luaRelease(),
    snapshot,
    user: nginx.user,
    modules: nginx.modules,
    listen: listenOn(addresses).map((address) => `${address}:${String(port)}`),
    statusListen: `127.0.0.1:${String(statusPort)}`,
    connectionsPerClient,
  })
}

/** Names the Lua files and the page of this version by their texts. */
export function luaRelease(): string {
  return createHash('sha256')
    .update(JSON.stringify([LUA_FILES, pageFiles()]))
    .digest('hex')
    .slice(0, 16)
}

function listenOn(addresses: readonly string[]): readonly string[] {
  // The file is missing where the kernel has no IPv6, and no socket could be made.
  const all = isThere('/proc/net/if_inet6') ? ['0.0.0.0', '::'] : ['0.0.0.0']
  return (addresses.length === 0 ? all : addresses).map((each) => (each.includes(':') ? `[${each}]` : each))
}

/** Every file, in the order of writing. @throws CniError InvalidConfig */
export function gatewayFiles(settings: Settings, nginx: Nginx): readonly TextFile[] {
  const { folder, config, runFolder } = gatewayPlaces(settings)
  const lua = Object.entries(LUA_FILES).map(([path, text]) => ({ path: join(folder, 'lua', path), text }))
  const page = Object.entries(pageFiles()).map(([name, text]) => ({ path: join(folder, 'page', name), text }))
  const unit = { path: UNIT_FILE, text: renderUnit({ program: nginx.program, config, runFolder }) }
  const rotation = { path: ROTATION_FILE, text: renderLogRotation(LOG_FOLDER, runFolder) }
  return [
    ...lua,
    ...page,
    { path: config, text: nginxConfiguration(settings, nginx) },
    ...(isSystemdRunning() ? [unit] : []),
    ...(isThere(join(ROTATION_FILE, '..')) ? [rotation] : []),
  ]
}
