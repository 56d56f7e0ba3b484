// The nginx of this host: where it is, whether it has Lua, and how it is called.

import { CniCode, CniError } from '../../cni/error.ts'
import type { Outcome } from '../../exec/command.ts'
import { run } from '../../exec/run.ts'
import { isThere } from '../../state/files/output-file.ts'
import { readOptional } from '../../state/files/source-file.ts'

/** An nginx that can run the HTTP Gateway. */
export interface Nginx {
  readonly program: NginxPath
  /** "1.22.1" */
  readonly version: string
  /** Modules to load; none where Lua is built in, as in OpenResty. */
  readonly modules: readonly string[]
  /** The user of its workers. */
  readonly user: string
}

export type NginxPath = `/${string}/nginx`

// OpenResty's own packages install below /usr/local/openresty.
const PROGRAMS: readonly NginxPath[] = [
  '/usr/sbin/nginx',
  '/usr/local/openresty/nginx/sbin/nginx',
  '/usr/local/sbin/nginx',
  '/usr/bin/nginx',
]
const MODULES = ['ndk_http_module.so', 'ngx_http_lua_module.so']
const INSTALL =
  'on Debian: apt-get install nginx libnginx-mod-http-lua lua-cjson; elsewhere: the package of OpenResty'

/**
 * Finds the first nginx with Lua.
 * @throws CniError IoFailure that says what to install
 */
export async function findNginx(): Promise<Nginx> {
  const found: string[] = []
  for (const program of PROGRAMS.filter(isThere)) {
    const built = (await run({ file: program, args: ['-V'] })).stderr
    const modules = luaModules(built)
    if (modules !== undefined)
      return {
        program,
        version: /nginx\/([\d.]+)|openresty\/([\d.]+)/.exec(built)?.[0] ?? '',
        modules,
        user: workerUser(),
      }
    found.push(program)
  }
  const [without] = found
  throw without === undefined
    ? new CniError(CniCode.IoFailure, 'nginx missing', `none of ${PROGRAMS.join(', ')} exists; ${INSTALL}`)
    : new CniError(CniCode.IoFailure, 'nginx has no Lua module', `${found.join(', ')}: ${INSTALL}`)
}

// Undefined if this nginx has no Lua at all.
function luaModules(built: string): readonly string[] | undefined {
  const [, folder] = /--modules-path=(\S+)/.exec(built) ?? []
  const files = MODULES.map((name) => `${folder ?? ''}/${name}`)
  if (folder !== undefined && files.every(isThere)) return files
  return /--add-module=\S*(ngx_lua|lua-nginx-module)/.test(built) ? [] : undefined
}

function workerUser(): string {
  const users = (readOptional('/etc/passwd', 'list of users') ?? '')
    .split('\n')
    .map((line) => line.split(':')[0])
  return ['www-data', 'nginx', 'nobody'].find((user) => users.includes(user)) ?? 'root'
}

/** Runs nginx with a configuration and further words: "-t", "-s reload". */
export function callNginx(program: NginxPath, config: string, args: readonly string[]): Promise<Outcome> {
  return run({ file: program, args: ['-e', 'stderr', '-c', config, ...args] })
}

/** Tests a configuration, Lua included. @throws CniError CommandRefused with nginx's own words */
export async function testConfiguration(program: NginxPath, config: string): Promise<void> {
  const { exitCode, stderr } = await callNginx(program, config, ['-t'])
  if (exitCode !== 0)
    throw new CniError(
      CniCode.CommandRefused,
      'nginx refuses its configuration',
      `${config}: ${lastWords(stderr)}`,
    )
}

/** The lines of nginx's standard error that say what is wrong, without time and process. */
export function lastWords(stderr: string): string {
  const lines = stderr.split('\n').flatMap((line) => {
    const [, says] = /\[(?:emerg|alert|error|crit)\](?: \d+#\d+:)? (.*)$/.exec(line) ?? []
    return says === undefined ? [] : [says]
  })
  return lines.join('; ') || stderr.trim()
}

/** Whether a path names an executable of nginx, as {@link findNginx} returns it. */
export function isNginxPath(path: string): path is NginxPath {
  return path.startsWith('/') && path.endsWith('/nginx')
}
