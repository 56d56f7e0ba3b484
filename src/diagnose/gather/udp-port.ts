// Tests whether Nebula's UDP port is free, inside WSL only. In mirrored mode Windows and WSL share their
// ports, and a bind that Windows refuses is the only trace of a conflict.

import { errorText } from '../../cni/error.ts'
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import type { Facts } from '../../check/facts.ts'
import type { GatherContext } from '../context.ts'

/**
 * Tries the port.
 * @throws Error when Nebula's configuration cannot be read
 */
export async function gatherUdpPort({ get }: GatherContext): Promise<Facts['udpPort']> {
  const [{ listen }, { processes }, { kind }] = await Promise.all([
    get('nebulaConfig'),
    get('nebula'),
    get('wsl'),
  ])
  const port = listen.port === 0 ? undefined : listen.port
  const isNebulaRunning = processes.some(({ isHere }) => isHere)
  const isTakenHere = port !== undefined && isBound(port)
  const isTried = kind === 'wsl2' && port !== undefined && !isNebulaRunning && !isTakenHere
  return { port, isNebulaRunning, isTakenHere, refusal: isTried ? await tryBind(port) : undefined }
}

// proc(5), /proc/net/udp: the local address is hexadecimal, with the port after a colon.
function isBound(port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const lines = ['udp', 'udp6'].map((name) => {
    try {
      return readFileSync(`/proc/self/net/${name}`, 'utf8')
    } catch {
      return ''
    }
  })
  return lines
    .join('\n')
    .split('\n')
    .some((line) => line.trim().split(/\s+/)[1]?.endsWith(`:${hex}`) ?? false)
}

function tryBind(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    socket.once('error', (error) => {
      socket.close()
      resolve(errorText(error))
    })
    socket.bind({ port, exclusive: true }, () => socket.close(() => resolve(undefined)))
  })
}
