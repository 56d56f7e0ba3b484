// Gathers the free space in the folders that flatnet-cni writes to.

import { existsSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Facts } from '../../check/facts.ts'
import type { DiskFacts } from '../../check/facts/disks.ts'
import { whyNotWritable } from '../../state/files/writable.ts'
import type { GatherContext } from '../context.ts'

export async function gatherDisks({ get }: GatherContext): Promise<Facts['disks']> {
  const { stateDir, runDir } = await get('settings')
  return [diskOf('stateDir', stateDir), diskOf('runDir', runDir)]
}

// A missing folder will be created on the file system of its nearest existing ancestor.
function diskOf(use: string, path: string): DiskFacts {
  let there = path
  while (!existsSync(there) && there !== '/') there = dirname(there)
  const { bavail, bsize, ffree, files } = statfsSync(there)
  return {
    use,
    path,
    freeBytes: bavail * bsize,
    freeInodes: files === 0 ? undefined : ffree,
    problem: whyNotWritable(path),
  }
}
