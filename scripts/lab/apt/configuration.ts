// A temporary apt configuration for other suites than the machine's own. It copies the machine's Debian
// source, so apt checks the signatures, and the machine's own lists and settings stay as they are.
// apt.conf(5).

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { debianSource } from './source.ts'

/**
 * Writes apt.conf and its source list below `work`.
 * @param more further settings, without their semicolons
 * @returns the path for APT_CONFIG
 */
export async function writeAptConfiguration(
  work: string,
  suites: readonly string[],
  more: readonly string[] = [],
): Promise<string> {
  const source = await debianSource()
  for (const folder of ['sources', 'lists/partial', 'cache/archives/partial']) {
    await mkdir(join(work, folder), { recursive: true })
  }
  const lines = ['Types: deb', `URIs: ${source.uri}`, `Suites: ${suites.join(' ')}`, 'Components: main']
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
    // The user _apt may not be able to reach the checkout.
    'APT::Sandbox::User "root"',
    'APT::Default-Release ""',
    // A mirror may be a frozen copy: its lists are signed, but past their date.
    'Acquire::Check-Valid-Until "false"',
    ...more,
  ]
  const path = join(work, 'apt.conf')
  await writeFile(path, settings.map((setting) => `${setting};\n`).join(''))
  return path
}

/** Retries twice: a busy mirror is the usual cause of a failure. @throws the last failure */
export async function threeTimes(attempt: () => Promise<unknown>): Promise<void> {
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
