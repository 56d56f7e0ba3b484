// The files of an HTTP Gateway in one folder, as `http-gateway install` puts them all over a host.

import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { renderNginx } from '../../src/http-gateway/render.ts'
import { bundlePage } from '../build/page.ts'

const ROOT = join(import.meta.dirname, '../..')
let page: ReturnType<typeof bundlePage> | undefined

/** The modules of Debian's nginx that it needs. */
export const MODULES: readonly string[] = ['ndk_http_module', 'ngx_http_lua_module'].map(
  (name) => `/usr/lib/nginx/modules/${name}.so`,
)

interface GatewayFolder {
  /** Both on 127.0.0.1. */
  readonly port: number
  readonly statusPort: number
  readonly workers: number
  readonly modules?: readonly string[]
  /** The text of the file with the last state. */
  readonly snapshot?: string | undefined
}

/** Fills the folder, and returns the text of nginx.conf, which the caller writes. */
export async function fillGatewayFolder(folder: string, options: GatewayFolder): Promise<string> {
  const { port, statusPort, workers, modules = MODULES, snapshot } = options
  for (const name of ['run', 'log', 'page']) await mkdir(join(folder, name), { recursive: true })
  await cp(join(ROOT, 'src/http-gateway/lua'), join(folder, 'lua'), { recursive: true })
  page ??= bundlePage(ROOT)
  for (const [name, text] of Object.entries(await page)) await writeFile(join(folder, 'page', name), text)
  if (snapshot !== undefined) await writeFile(join(folder, 'snapshot.json'), snapshot)
  return renderNginx({
    folder,
    runFolder: join(folder, 'run'),
    logFolder: join(folder, 'log'),
    release: 'abc',
    snapshot: join(folder, 'snapshot.json'),
    user: 'www-data',
    workers,
    modules,
    listen: [`127.0.0.1:${String(port)}`],
    statusListen: `127.0.0.1:${String(statusPort)}`,
    connectionsPerClient: 2000,
  })
}
