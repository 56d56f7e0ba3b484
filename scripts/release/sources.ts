// What a release is made from: version, commit, time, and the npm packages inside the executable.

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Arch } from '../build/base.ts'
import { ReleaseError } from './release-error.ts'

export interface Sources {
  readonly root: string
  readonly version: string
  /** Unix seconds: every file of the release has this time, so that two releases of one commit are equal. */
  readonly epoch: number
}

/** Reads version and time. @throws ReleaseError outside a checkout, unless SOURCE_DATE_EPOCH is set */
export function readSources(root: string): Sources {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const epoch = Number(process.env['SOURCE_DATE_EPOCH'] ?? commitTime(root))
  if (!Number.isInteger(epoch) || epoch <= 0)
    throw new ReleaseError('SOURCE_DATE_EPOCH is not a number of seconds since 1970')
  return { root, version, epoch }
}

function commitTime(root: string): string {
  try {
    return execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' }).trim()
  } catch (error) {
    throw new ReleaseError('this is not a git checkout: set SOURCE_DATE_EPOCH to the time of the release', {
      cause: error,
    })
  }
}

/** An npm package whose code is in the executable. */
interface Dependency {
  readonly name: string
  readonly version: string
  readonly license: string
  /** "node_modules/table/node_modules/ansi-regex" */
  readonly path: string
}

interface LockedPackage {
  readonly version?: string
  readonly license?: string
  readonly dev?: boolean
  readonly devOptional?: boolean
}

/** Returns the packages in the executable of an architecture, Node itself included, from the lockfile. */
export function dependencies(root: string, arch: Arch): readonly Dependency[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>
  }
  return Object.entries(packages).flatMap(([path, { version, license, dev, devOptional }]) => {
    if (path === '' || dev === true || devOptional === true) return []
    const name = path.replace(/^.*node_modules\//, '')
    if (name.startsWith('node-linux-') && name !== `node-linux-${arch}`) return []
    if (version === undefined || license === undefined)
      throw new ReleaseError(`package-lock.json: ${path} has no version or no licence`)
    return [{ name, version, license, path }]
  })
}

/**
 * Returns the licence texts of all dependencies, one after another. Node's text, which covers V8, OpenSSL and
 * the rest of it, is the same for every architecture. @throws ReleaseError for a package without a text
 */
export function licenceTexts(root: string, arch: Arch): string {
  const parts = dependencies(root, arch).map(({ name, version, license, path }) => {
    const folder = join(
      root,
      name.startsWith('node-linux-') ? `node_modules/node-linux-${process.arch}` : path,
    )
    const files = readdirSync(folder)
      .filter((file) => /^(?:licen[cs]e|copying|notice)/i.test(file))
      .toSorted()
    const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim())
    if (texts.length === 0 && license === 'MIT') texts.push(readmeLicence(folder))
    if (texts.length === 0) throw new ReleaseError(`${folder} has no licence text`)
    return `${name} ${version} (${license})\n\n${texts.join('\n\n')}\n`
  })
  const head = 'flatnet-cni is under the MIT licence. Its executable contains these works of others:\n'
  return [head, ...parts].join(`\n${'-'.repeat(78)}\n\n`)
}

// A few packages have their licence in package.json and README only.
function readmeLicence(folder: string): string {
  const { author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { author?: unknown }
  const holder = typeof author === 'string' ? author : JSON.stringify(author ?? 'the authors')
  return `Copyright: ${holder}; licence: MIT, as its package.json says.`
}
