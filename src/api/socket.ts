// The agent's socket: its path, and how one agent at a time claims it.

import { chmodSync, lstatSync } from 'node:fs'
import { connect, type Server } from 'node:net'
import { join } from 'node:path'

import { CniCode, CniError, errnoCode } from '../cni/error.ts'
import { makeFolder, readText, removeFile, replaceFile } from '../state/files/atomic.ts'
import { ioFailure } from '../cni/io-failure.ts'
import { withLock } from '../state/lock/lock.ts'

// unix(7): sun_path has 108 bytes, the last of them zero. libuv would truncate a longer path.
const LONGEST_PATH = 107

/** Returns the path where the agent of this run directory listens. */
export function socketPath(runDir: string): string {
  return join(runDir, 'agent.sock')
}

/**
 * Returns why no agent can listen on the socket's path; undefined if one can, after replacing what is there.
 */
export function socketObstacle(runDir: string): string | undefined {
  const path = socketPath(runDir)
  try {
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return undefined
    return `${path} is a folder, so that no agent can listen there; remove it: rm -r ${path}`
  } catch (error) {
    if (errnoCode(error) !== 'ENOTDIR') throw ioFailure(path, error)
    return `runDir: ${runDir} is not a folder, so that no agent can listen in it; move the file away`
  }
}

/**
 * Makes the server listen on the socket, for root alone. It replaces the socket of a dead agent, never that
 * of a live one.
 * @throws CniError TryAgainLater when another agent runs, InvalidConfig for a path too long for a socket,
 * IoFailure
 */
export async function takeSocket(server: Server, runDir: string): Promise<void> {
  const path = socketPath(runDir)
  if (Buffer.byteLength(path) > LONGEST_PATH)
    throw new CniError(
      CniCode.InvalidConfig,
      'path too long for a socket',
      `runDir: ${path} has more than ${String(LONGEST_PATH)} bytes`,
    )
  makeFolder(runDir)
  // Two agents that start at the same time must not both take over the socket of a dead one.
  await withLock(runDir, async () => {
    if (await hasListener(path)) throw alreadyRuns(runDir)
    const obstacle = socketObstacle(runDir)
    if (obstacle !== undefined) throw new CniError(CniCode.IoFailure, 'agent socket cannot be made', obstacle)
    removeFile(path)
    await listen(server, path)
    replaceFile(pidPath(runDir), `${String(process.pid)}\n`, false)
  })
}

function pidPath(runDir: string): string {
  return join(runDir, 'agent.pid')
}

function alreadyRuns(runDir: string): CniError {
  const pid = readText(pidPath(runDir))?.trim() ?? ''
  return new CniError(
    CniCode.TryAgainLater,
    'another agent runs',
    `${/^\d+$/.test(pid) ? `pid ${pid}` : 'a process'} listens on ${socketPath(runDir)}; ` +
      'stop it first (systemctl stop flatnet-agent), or set another runDir for this one',
  )
}

// The kernel accepts connections even for a process that is stopped or hangs: such an agent is still alive.
function hasListener(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', (error) => {
      const code = errnoCode(error)
      if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTSOCK') resolve(false)
      // EAGAIN: the backlog is full (unix(7)).
      else if (code === 'EAGAIN') resolve(true)
      else reject(ioFailure(path, error) as Error)
    })
  })
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // Stays registered: a failing accept(2) (EMFILE) is also an error event, and would crash the agent.
    server.on('error', (error) => reject(ioFailure(path, error) as Error))
    // listen() calls bind(2) synchronously; connecting to a socket requires write permission (unix(7)).
    const before = process.umask(0o177)
    try {
      server.listen(path, () => {
        chmodSync(path, 0o600)
        resolve()
      })
    } finally {
      process.umask(before)
    }
  })
}
