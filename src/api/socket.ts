// The agent's socket: where it lies, and how one agent at a time gets it.

import { chmodSync } from 'node:fs'
import { connect, type Server } from 'node:net'
import { join } from 'node:path'

import { CniCode, CniError, errnoCode } from '../cni/error.ts'
import { ioFailure, makeFolder, readText, removeFile, replaceFile } from '../state/atomic.ts'
import { withLock } from '../state/lock.ts'

// unix(7): sun_path has 108 bytes, the last of them zero. libuv would cut a longer one off.
const LONGEST_PATH = 107

/** Where the agent of this run directory listens. */
export function socketPath(runDir: string): string {
  return join(runDir, 'agent.sock')
}

/**
 * Has the server listen on the socket, for root alone. The socket of a dead agent is replaced, a living agent's never.
 * @throws CniError TryAgainLater when another agent runs, InvalidConfig for a path too long for a socket, IoFailure
 */
export async function claimSocket(server: Server, runDir: string): Promise<void> {
  const path = socketPath(runDir)
  if (Buffer.byteLength(path) > LONGEST_PATH)
    throw new CniError(
      CniCode.InvalidConfig,
      'path too long for a socket',
      `runDir: ${path} has more than ${String(LONGEST_PATH)} bytes`,
    )
  makeFolder(runDir)
  // Two agents that start at once must not both take the socket of a dead one for their own.
  await withLock(runDir, async () => {
    if (await someoneListens(path)) throw alreadyRuns(runDir)
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
      'stop it first (systemctl stop flatnet-agent), or give this one its own runDir',
  )
}

// A connection is taken by the kernel also for a process that is stopped or hangs: it lives all the same.
function someoneListens(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', (error) => {
      const code = errnoCode(error)
      if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTSOCK') resolve(false)
      // EAGAIN: its queue is full (unix(7)).
      else if (code === 'EAGAIN') resolve(true)
      else reject(ioFailure(path, error) as Error)
    })
  })
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // Stays for good: an accept(2) that fails (EMFILE) is an error event too, and would end the agent.
    server.on('error', (error) => reject(ioFailure(path, error) as Error))
    // bind(2) happens within listen(); connecting to a socket needs write permission (unix(7)).
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
