// What the configuration of the HTTP Gateway's nginx is made from, and which values can be written into it.

import { CniCode, CniError } from '../cni/error.ts'

/** The values of the configuration. Every one is checked before it is written. */
export interface NginxValues {
  /** The folder with `lua/` and `page/`. */
  readonly folder: string
  /** The folder of the sockets, the pid file and nginx's temporary files, for root alone. */
  readonly runFolder: string
  readonly logFolder: string
  /** Tells one set of files from another: nginx says which one it runs. */
  readonly release: string
  /** The file with the last state that the agent pushed. */
  readonly snapshot: string
  /** The user of the workers. */
  readonly user: string
  /** The number of workers; one per processor by default. */
  readonly workers?: number
  /** Paths of the modules to load; none where the Lua module is built in. */
  readonly modules: readonly string[]
  /** Addresses for browsers: "0.0.0.0:80", "[::]:80". */
  readonly listen: readonly string[]
  /** The loopback address for health and metrics: "127.0.0.1:4281". */
  readonly statusListen: string
  readonly connectionsPerClient: number
}

// nginx's own syntax has no way to quote these.
const PATH = /^\/[A-Za-z0-9._/-]+$/
const RELEASE = /^[0-9a-f]{1,64}$/
const USER = /^[a-z_][a-z0-9_-]{0,31}$/
const ENDPOINT = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]+\]):\d{1,5}$/

/** @throws CniError InvalidConfig naming a value that cannot be written */
export function checkValues(values: NginxValues): void {
  const { folder, runFolder, logFolder, snapshot, modules, listen, statusListen } = values
  const paths = { folder, runFolder, logFolder, snapshot }
  for (const [name, path] of Object.entries(paths)) require(name, path, PATH)
  for (const path of modules) require('modules', path, PATH)
  for (const each of listen) require('listen', each, ENDPOINT)
  require('statusListen', statusListen, ENDPOINT)
  require('user', values.user, USER)
  require('release', values.release, RELEASE)
  if (listen.length === 0) refuse('listen', 'nothing')
  const { connectionsPerClient, workers = 1 } = values
  for (const [name, value] of Object.entries({ connectionsPerClient, workers }))
    if (!Number.isSafeInteger(value) || value < 1) refuse(name, String(value))
}

function require(name: string, value: string, pattern: RegExp): void {
  if (!pattern.test(value)) refuse(name, JSON.stringify(value))
}

function refuse(name: string, value: string): never {
  throw new CniError(
    CniCode.InvalidConfig,
    'value cannot be written into nginx.conf',
    `${name}: ${value}; paths and names may contain letters, digits and . _ - / only`,
  )
}
