// Nebula's executables of three Debian suites, unpacked under .cache/nebula/<series>. The packages are
// fetched with a temporary apt configuration that copies the machine's Debian source: apt verifies the
// signatures, and the machine's lists and settings do not change. Run as a program, this file fetches what
// is missing.
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { threeTimes, writeAptConfiguration } from '../apt/configuration.ts'
import { run } from '../run.ts'

export type NebulaSeries = '1.11' | '1.9' | '1.6'
export const NEBULA_SERIES: readonly NebulaSeries[] = ['1.11', '1.9', '1.6']

// bookworm has 1.6.1, trixie 1.9.3, sid the newest. If sid is past 1.11, its newest version stands for the
// series.
const SUITES: Readonly<Record<NebulaSeries, string>> = { '1.11': 'sid', '1.9': 'trixie', '1.6': 'bookworm' }
const ROOT = join(import.meta.dirname, '../../..')
const CACHE = join(ROOT, '.cache/nebula')

/**
 * Returns the folder with `nebula` and `nebula-cert` of a series. @throws Error when it was not fetched yet
 */
export function nebulaFolder(series: NebulaSeries): string {
  const folder = join(CACHE, series, 'usr/bin')
  if (!existsSync(join(folder, 'nebula'))) {
    throw new Error(`Nebula ${series} is not there: run scripts/setup.sh first (looked in ${folder})`)
  }
  return folder
}

/** Fetches and unpacks every series that is not in the cache. Needs root only where apt does. */
async function fetchNebula(say: (line: string) => void): Promise<void> {
  const missing = NEBULA_SERIES.filter((series) => !existsSync(join(CACHE, series, 'usr/bin/nebula')))
  if (missing.length === 0) return
  await mkdir(CACHE, { recursive: true })
  const work = await mkdtemp(join(CACHE, 'apt-'))
  try {
    const env = {
      APT_CONFIG: await writeAptConfiguration(
        work,
        missing.map((name) => SUITES[name]),
      ),
    }
    // A busy mirror is the usual cause of a failure here, so try three times.
    await threeTimes(() => run(['apt-get', '-q', 'update'], { env, timeoutMs: 300_000 }))
    for (const series of missing) await unpack(series, work, env, say)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function unpack(
  series: NebulaSeries,
  work: string,
  env: Record<string, string>,
  say: (line: string) => void,
): Promise<void> {
  const folder = join(work, series)
  await mkdir(folder)
  const wanted = `nebula/${SUITES[series]}`
  await threeTimes(() => run(['apt-get', '-q', 'download', wanted], { cwd: folder, env, timeoutMs: 300_000 }))
  const [archive] = await readdir(folder)
  if (archive === undefined) throw new Error(`apt-get download ${wanted} left no file`)
  const tree = join(work, `tree-${series}`)
  await run(['dpkg-deb', '-x', join(folder, archive), tree])
  await rename(tree, join(CACHE, series))
  say(`Nebula ${series}: unpacked ${archive.replaceAll('%3a', ':')}`)
}

/** Returns the version that `nebula -version` of a cached series reports, for example `1.11.0`. */
export async function nebulaVersion(series: NebulaSeries): Promise<string> {
  const { stdout } = await run([join(nebulaFolder(series), 'nebula'), '-version'])
  return /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? stdout
}

if (import.meta.main) {
  await fetchNebula((line) => process.stdout.write(`${line}\n`))
}
