// Bare Debian systems for trying the package: debootstrap's smallest, with the two programs that the package
// depends on and systemd's tools. Kept as archives under .cache/roots. Run as a program, this file makes what
// is missing.
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../run.ts'
import { debianSource } from './source.ts'

export type Suite = 'bookworm' | 'trixie'
export const SUITES: readonly Suite[] = ['bookworm', 'trixie']

const CACHE = join(import.meta.dirname, '../../../.cache/roots')
const INCLUDED = 'iproute2,nftables,systemd'

/** Returns the archive of a suite's root folder. It may not exist. */
export function bareRoot(suite: Suite): string {
  return join(CACHE, `${suite}.tar`)
}

/** Makes the archives that are missing. Needs root. */
async function makeBareRoots(say: (line: string) => void): Promise<void> {
  for (const suite of SUITES.filter((name) => !existsSync(bareRoot(name)))) {
    await mkdir(CACHE, { recursive: true })
    const work = await mkdtemp(join(CACHE, 'work-'))
    try {
      const { uri, signedBy } = await debianSource()
      const keyring = signedBy === undefined ? [] : [`--keyring=${signedBy}`]
      const options = ['--variant=minbase', `--include=${INCLUDED}`, ...keyring]
      const root = join(work, 'root')
      await run(['debootstrap', ...options, suite, root, uri], { timeoutMs: 1_800_000 })
      await run(['tar', '-C', root, '--exclude=./var/cache/apt/*', '-cf', join(work, 'root.tar'), '.'])
      await rename(join(work, 'root.tar'), bareRoot(suite))
      say(`bare Debian ${suite}: ${bareRoot(suite)}`)
    } finally {
      await rm(work, { recursive: true, force: true })
    }
  }
}

if (import.meta.main) {
  await makeBareRoots((line) => process.stdout.write(`${line}\n`))
}
