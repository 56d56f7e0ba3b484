// The registry on disk, so that a restarted agent knows the containers of other hosts immediately:
//
//   <dataDir>/registry/own.json               the epoch of this host's own state
//   <dataDir>/registry/<overlay address>.json what that host has told last (src/registry/host-state.ts)
//
// Only the agent writes them. Readers check the content again.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'

import { errnoCode } from '../../cni/error.ts'
import { ioFailure } from '../../cni/io-failure.ts'
import { formatIp, parseIp } from '../../addr/ip.ts'
import { isObject } from '../../json.ts'
import { makeFolder, readText, removeFile, replaceFile } from '../files/atomic.ts'
import { readCache } from '../files/cache.ts'

/** The folder of the registry. */
function registryFolder(dataDir: string): string {
  return join(dataDir, 'registry')
}

/** The epoch of the last run; undefined if there is none that can be read. */
export function readOwnEpoch(dataDir: string): number | undefined {
  const saved = readCache(join(registryFolder(dataDir), OWN))
  const epoch = isObject(saved) ? saved['epoch'] : undefined
  return typeof epoch === 'number' && Number.isSafeInteger(epoch) && epoch >= 0 ? epoch : undefined
}

const OWN = 'own.json'

/** Durable: with a lower epoch, other hosts would refuse what this host tells. @throws CniError IoFailure */
export function writeOwnEpoch(dataDir: string, epoch: number): void {
  makeFolder(registryFolder(dataDir))
  replaceFile(join(registryFolder(dataDir), OWN), `${JSON.stringify({ version: 1, epoch })}\n`, true)
}

/** The text of a host's state; undefined if there is none. @throws CniError IoFailure */
export function readHostText(dataDir: string, host: string): string | undefined {
  return readText(pathOf(dataDir, host))
}

/** @throws CniError IoFailure */
export function writeHostText(dataDir: string, host: string, text: string): void {
  makeFolder(registryFolder(dataDir))
  replaceFile(pathOf(dataDir, host), text, false)
}

/** Removes a host's state, if there is one. @throws CniError IoFailure */
export function removeHostText(dataDir: string, host: string): void {
  removeFile(pathOf(dataDir, host))
}

/** The hosts that have a file. @throws CniError IoFailure */
export function hostsOnDisk(dataDir: string): readonly string[] {
  try {
    return readdirSync(registryFolder(dataDir)).flatMap((name) => {
      const ip = parseIp(name.replace(/\.json$/, ''))
      return ip !== undefined && name === `${formatIp(ip)}.json` ? [formatIp(ip)] : []
    })
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return []
    throw ioFailure(registryFolder(dataDir), error)
  }
}

// The name of a host is the canonical text of its first overlay address.
function pathOf(dataDir: string, host: string): string {
  const ip = parseIp(host)
  if (ip === undefined || formatIp(ip) !== host)
    throw new TypeError(`${JSON.stringify(host)} is not an address`)
  return join(registryFolder(dataDir), `${host}.json`)
}
