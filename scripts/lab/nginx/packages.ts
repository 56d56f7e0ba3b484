// Debian 13's nginx with its Lua module, unpacked under .cache/nginx/trixie: a root file system for nginx
// alone. Run as a program, this file fetches it where it is missing.
//
//   trixie/        the root
//   trixie.json    what it was made of; a root without it, or made of other packages, is fetched again

import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unpackPackages } from '../apt/unpack.ts'

const SUITE = 'trixie'
const CACHE = join(import.meta.dirname, '../../../.cache/nginx')
const ROOT = join(CACHE, SUITE)
const RECORD = `${ROOT}.json`
const PACKAGES = ['base-files', 'nginx', 'libnginx-mod-http-lua', 'lua-cjson']

// What base-passwd's maintainer script would write, as far as nginx needs it.
const FILES: Readonly<Record<string, string>> = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n',
  'etc/group': 'root:x:0:\nwww-data:x:33:\n',
}

/** Returns the root with Debian 13's nginx, fetched or not. */
export function nginxRoot(): string {
  return ROOT
}

/** Returns why Debian 13's nginx cannot run here, or false, for tap's `skip`. */
export function whyNoNginx13(): string | false {
  if (existsSync(ROOT) && askedFor() === PACKAGES.join(' ')) return false
  return 'nginx of Debian 13 is not there: scripts/setup.sh fetches it where the suite can be reached'
}

/** Fetches it if it is not in the cache. Reports a failure, and leaves it out. */
async function fetchNginx(say: (line: string) => void): Promise<void> {
  if (whyNoNginx13() === false) return
  await mkdir(CACHE, { recursive: true })
  const work = await mkdtemp(join(CACHE, 'apt-'))
  try {
    const versions = await unpackPackages(work, SUITE, PACKAGES)
    const tree = join(work, 'tree')
    for (const [path, text] of Object.entries(FILES)) await writeFile(join(tree, path), text)
    await rm(RECORD, { force: true })
    await rm(ROOT, { recursive: true, force: true })
    await rename(tree, ROOT)
    await writeFile(RECORD, `${JSON.stringify({ asked: PACKAGES.join(' '), versions }, undefined, 2)}\n`)
    const [nginx = '', lua = ''] = ['nginx', 'libnginx-mod-http-lua'].map((name) => versions[name])
    say(`nginx ${nginx} with the Lua module ${lua}, of Debian ${SUITE}`)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    say(`nginx of Debian ${SUITE} could not be fetched, so its tests are skipped: ${reason}`)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

function askedFor(): string | undefined {
  try {
    return (JSON.parse(readFileSync(RECORD, 'utf8')) as { readonly asked: string }).asked
  } catch {
    return undefined
  }
}

if (import.meta.main) await fetchNginx((line) => process.stdout.write(`${line}\n`))
