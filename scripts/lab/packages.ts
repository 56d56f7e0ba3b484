// Nebula's executables of three Debian suites, unpacked under .cache/nebula/<series>. The packages come through a
// temporary apt configuration that copies the machine's own Debian source, so apt checks the signatures and the
// machine's own lists and settings stay as they are. Run as a program it fetches what is missing.
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { debianSource } from './apt-source.ts'
import { run } from './run.ts'

export type NebulaSeries = '1.11' | '1.9' | '1.6'
export const NEBULA_SERIES: readonly NebulaSeries[] = ['1.11', '1.9', '1.6']

// bookworm has 1.6.1, trixie 1.9.3, sid the newest. Where sid is past 1.11 its newest version stands for the series.
const SUITES: Readonly<Record<NebulaSeries, string>> = { '1.11': 'sid', '1.9': 'trixie', '1.6': 'bookworm' }
const ROOT = join(import.meta.dirname, '../..')
const CACHE = join(ROOT, '.cache/nebula')

/** The folder that holds `nebula` and `nebula-cert` of a series. @throws Error when it was not fetched yet. */
export function nebulaFolder(series: NebulaSeries): string {
  const folder = join(CACHE, series, 'usr/bin')
  if (!existsSync(join(folder, 'nebula'))) {
    throw new Error(`Nebula ${series} is not there: run scripts/setup.sh first (looked in ${folder})`)
  }
  return folder
}

/** Fetches and unpacks every series that is not in the cache. Needs root only where apt does. */
export async function fetchNebula(say: (line: string) => void): Promise<void> {
  const missing = NEBULA_SERIES.filter((series) => !existsSync(join(CACHE, series, 'usr/bin/nebula')))
  if (missing.length === 0) return
  await mkdir(CACHE, { recursive: true })
  const work = await mkdtemp(join(CACHE, 'apt-'))
  try {
    const env = { APT_CONFIG: await writeAptConfiguration(work, missing) }
    // A busy mirror is the usual reason for a failure here, so three tries.
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

/** Writes apt.conf and its source list below `work`; returns the path for APT_CONFIG. apt.conf(5). */
async function writeAptConfiguration(work: string, series: readonly NebulaSeries[]): Promise<string> {
  const source = await debianSource()
  const suites = series.map((name) => SUITES[name]).join(' ')
  for (const folder of ['sources', 'lists/partial', 'cache/archives/partial']) {
    await mkdir(join(work, folder), { recursive: true })
  }
  const lines = ['Types: deb', `URIs: ${source.uri}`, `Suites: ${suites}`, 'Components: main']
  if (source.signedBy !== undefined) lines.push(`Signed-By: ${source.signedBy}`)
  await writeFile(join(work, 'sources/debian.sources'), `${lines.join('\n')}\n`)
  const settings = [
    'Dir::Etc::sourcelist "/dev/null"',
    `Dir::Etc::sourceparts "${work}/sources"`,
    'Dir::Etc::preferences "/dev/null"',
    'Dir::Etc::preferencesparts "/dev/null"',
    `Dir::State::lists "${work}/lists"`,
    `Dir::Cache "${work}/cache"`,
    'Acquire::Languages "none"',
    // The checkout may lie where the user _apt cannot go.
    'APT::Sandbox::User "root"',
    'APT::Default-Release ""',
    // A mirror may be a frozen copy, whose lists are signed all the same but past their date.
    'Acquire::Check-Valid-Until "false"',
  ]
  const path = join(work, 'apt.conf')
  await writeFile(path, settings.map((setting) => `${setting};\n`).join(''))
  return path
}

async function threeTimes(attempt: () => Promise<unknown>): Promise<void> {
  for (let left = 2; ; left -= 1) {
    try {
      await attempt()
      return
    } catch (error) {
      if (left === 0) throw error
      await new Promise((resolve) => setTimeout(resolve, 3000))
    }
  }
}

/** The version that `nebula -version` of a cached series says, for example `1.11.0`. */
export async function nebulaVersion(series: NebulaSeries): Promise<string> {
  const { stdout } = await run([join(nebulaFolder(series), 'nebula'), '-version'])
  return /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? stdout
}

if (import.meta.main) {
  await fetchNebula((line) => process.stdout.write(`${line}\n`))
}
