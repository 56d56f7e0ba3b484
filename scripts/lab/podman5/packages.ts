// Debian's podman 5 with everything it needs, unpacked under .cache/podman5/<suite>: a root file system for
// hold.ts. Run as a program, this file fetches what is missing.
//
//   <suite>/        the root
//   <suite>.json    what it was made of; a root without it, or made of other packages, is fetched again

import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unpackPackages } from '../apt/unpack.ts'
import { writeRootFiles } from './root-files.ts'

/**
 * trixie has podman 5.4.2 with netavark 1.14.0, sid the newest of both on the day of the download. The cache
 * keeps what it has.
 */
export type Podman5Suite = 'trixie' | 'sid'
export const PODMAN5_SUITES: readonly Podman5Suite[] = ['trixie', 'sid']

const CACHE = join(import.meta.dirname, '../../../.cache/podman5')
// busybox provides the usual commands, and dash the shell: busybox's own would run its own `ip`. flatnet-cni
// needs the second line, users without root the third.
const PACKAGES = [
  'base-files coreutils dash podman netavark aardvark-dns crun conmon catatonit busybox-static tini ' +
    'podman-compose',
  'iproute2 nftables util-linux libstdc++6',
  'uidmap passt',
].join(' ')
// The major version of podman that flatnet-cni is known to work with.
const TRIED = 5

interface RootRecord {
  /** The packages asked for. */
  readonly asked: string
  /** Every unpacked package with its version. */
  readonly versions: Readonly<Record<string, string>>
}

/** Returns the root of a suite, fetched or not. */
export function podman5Root(suite: Podman5Suite): string {
  return join(CACHE, suite)
}

/** Returns the reason why a Debian suite's podman 5 cannot run here, or false, for tap's `skip`. */
export function whyNoPodman5(suite: Podman5Suite): string | false {
  const podman = recordOf(suite)?.versions['podman']
  if (podman === undefined || !existsSync(podman5Root(suite)))
    return (
      `podman 5 of Debian ${suite} is not there: scripts/setup.sh fetches it where the suite ` +
      'can be reached'
    )
  // Debian's versions may begin with an epoch: deb-version(7).
  const major = Number(/^(?:\d+:)?(\d+)\./.exec(podman)?.[1])
  return major === TRIED
    ? false
    : `Debian ${suite} has podman ${podman}, and the tests are for podman ${String(TRIED)}`
}

/**
 * Fetches every suite that is not in the cache. Reports a suite that cannot be fetched, and leaves it out.
 */
async function fetchPodman5(say: (line: string) => void): Promise<void> {
  await mkdir(CACHE, { recursive: true })
  for (const suite of PODMAN5_SUITES.filter((each) => recordOf(each)?.asked !== PACKAGES)) {
    const work = await mkdtemp(join(CACHE, 'apt-'))
    try {
      const versions = await unpack(suite, work)
      const [podman = '', netavark = ''] = ['podman', 'netavark'].map((name) => versions[name])
      say(`podman ${podman} with netavark ${netavark}, of Debian ${suite}`)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      say(
        `podman 5 of Debian ${suite} could not be fetched, so its tests run with what is there, ` +
          `or are skipped: ${reason}`,
      )
    } finally {
      await rm(work, { recursive: true, force: true })
    }
  }
}

async function unpack(suite: Podman5Suite, work: string): Promise<RootRecord['versions']> {
  const versions = await unpackPackages(work, suite, PACKAGES.split(' '))
  const tree = join(work, 'tree')
  await writeRootFiles(tree)
  await rm(recordPath(suite), { force: true })
  await rm(podman5Root(suite), { recursive: true, force: true })
  await rename(tree, podman5Root(suite))
  const record: RootRecord = { asked: PACKAGES, versions }
  await writeFile(recordPath(suite), `${JSON.stringify(record, undefined, 2)}\n`)
  return versions
}

function recordPath(suite: Podman5Suite): string {
  return `${podman5Root(suite)}.json`
}

function recordOf(suite: Podman5Suite): RootRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordPath(suite), 'utf8')) as RootRecord
  } catch {
    return undefined
  }
}

if (import.meta.main) {
  await fetchPodman5((line) => process.stdout.write(`${line}\n`))
}
