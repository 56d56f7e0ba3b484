// Room for what flatnet-cni writes.

import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Facts } from '../../check/facts.ts'
import type { DiskFacts } from '../../check/facts/disks.ts'
import { errnoCode } from '../../cni/error.ts'
import type { GatherContext } from '../context.ts'

export async function gatherDisks({ get }: GatherContext): Promise<Facts['disks']> {
  const { stateDir, runDir } = await get('settings')
  return [diskOf('stateDir', stateDir), diskOf('runDir', runDir)]
}

// A folder that is not there yet is made where the nearest one above it is.
function diskOf(use: string, path: string): DiskFacts {
  let there = path
  while (!existsSync(there) && there !== '/') there = dirname(there)
  const { bavail, bsize, ffree, files } = statfsSync(there)
  return {
    use,
    path,
    freeBytes: bavail * bsize,
    freeInodes: files === 0 ? undefined : ffree,
    isReadOnly: isReadOnly(there),
  }
}

function isReadOnly(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return false
  } catch (error) {
    return errnoCode(error) === 'EROFS'
  }
}
