// The files of the two archives, as data, and the one function that writes them to a folder.

import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { ReleaseError } from './release-error.ts'

/** One entry: a copy of a file, a text, a link or an empty folder. */
type Entry = { readonly path: string } & (
  | { readonly from: string; readonly mode: number; readonly isGzipped?: boolean }
  | { readonly text: string; readonly mode: number; readonly isGzipped?: boolean }
  | { readonly link: string }
  | { readonly folder: true }
)

/** What both archives are made from. */
export interface Parts {
  readonly root: string
  /** The executable for the archive's architecture. */
  readonly executable: string
  /** One that this machine can run, which prints the completions. */
  readonly native: string
  readonly sbom: string
  readonly licences: string
}

/** Returns the entries of the tarball, laid out as a built checkout, so that its scripts/install.sh works. */
export function tarballEntries(parts: Parts): readonly Entry[] {
  const { root } = parts
  const scripts = ['install.sh', 'uninstall.sh', 'agent-wsl.sh']
  const texts = ['README.md', 'README.ja.md', 'CHANGELOG.md', 'LICENSE']
  const pages = listed(root, 'docs').filter((name) => name.endsWith('.md') || name.endsWith('.json'))
  return [
    { path: 'dist/flatnet-cni', from: parts.executable, mode: 0o755 },
    ...scripts.map((name) => ({ path: `scripts/${name}`, from: join(root, 'scripts', name), mode: 0o755 })),
    { path: 'scripts/flatnet-agent.service', from: join(root, 'scripts/flatnet-agent.service'), mode: 0o644 },
    ...[
      ...texts,
      'plugins/README.md',
      ...pages.map((name) => `docs/${name}`),
      ...listed(root, 'docs/man').map((name) => `docs/man/${name}`),
      ...['docs/grafana', 'docs/pictures'].flatMap((folder) =>
        listed(root, folder).map((name) => `${folder}/${name}`),
      ),
      ...listed(root, 'conflist').map((name) => `conflist/${name}`),
    ].map((path) => ({ path, from: join(root, path), mode: 0o644 })),
    { path: 'sbom.cdx.json', text: parts.sbom, mode: 0o644 },
    { path: 'THIRD-PARTY-LICENCES', text: parts.licences, mode: 0o644 },
  ]
}

/**
 * Returns the entries of the Debian package. The executable is where scripts/install.sh and upstream's
 * runtimes have it; links lead there from the folders in which Debian's podman and containerd look.
 */
export function packageEntries(parts: Parts): readonly Entry[] {
  const { root } = parts
  const program = '/opt/cni/bin/flatnet-cni'
  const share = 'usr/share/flatnet-cni'
  const doc = 'usr/share/doc/flatnet-cni'
  const completion = (shell: string): string => completionOf(parts.native, shell)
  return [
    { path: 'opt/cni/bin/flatnet-cni', from: parts.executable, mode: 0o755 },
    { path: 'opt/cni/bin/flatnet-ipam', link: 'flatnet-cni' },
    { path: 'opt/cni/bin/agent-wsl.sh', from: join(root, 'scripts/agent-wsl.sh'), mode: 0o755 },
    ...['usr/lib/cni/flatnet-cni', 'usr/lib/cni/flatnet-ipam'].map((path) => ({
      path,
      link: `/opt/cni/bin/${path.slice('usr/lib/cni/'.length)}`,
    })),
    { path: 'usr/lib/netavark/flatnet-cni', link: program },
    { path: 'usr/bin/flatnet-cni', link: program },
    {
      path: 'usr/lib/systemd/system/flatnet-agent.service',
      from: join(root, 'scripts/flatnet-agent.service'),
      mode: 0o644,
    },
    ...listed(root, 'docs/man').map((name) => ({
      path: `usr/share/man/man8/${name}.gz`,
      from: join(root, 'docs/man', name),
      mode: 0o644,
      isGzipped: true,
    })),
    { path: 'usr/share/bash-completion/completions/flatnet-cni', text: completion('bash'), mode: 0o644 },
    { path: 'usr/share/zsh/vendor-completions/_flatnet-cni', text: completion('zsh'), mode: 0o644 },
    { path: 'usr/share/fish/vendor_completions.d/flatnet-cni.fish', text: completion('fish'), mode: 0o644 },
    ...listed(root, 'conflist').map((name) => ({
      path: `${share}/conflist/${name}`,
      from: join(root, 'conflist', name),
      mode: 0o644,
    })),
    { path: `${share}/uninstall.sh`, from: join(root, 'scripts/uninstall.sh'), mode: 0o755 },
    { path: `${doc}/README.md`, from: join(root, 'README.md'), mode: 0o644 },
    { path: `${doc}/README.ja.md`, from: join(root, 'README.ja.md'), mode: 0o644 },
    { path: `${doc}/changelog.gz`, from: join(root, 'CHANGELOG.md'), mode: 0o644, isGzipped: true },
    { path: `${doc}/copyright`, text: copyright(root), mode: 0o644 },
    { path: `${doc}/third-party-licences.gz`, text: parts.licences, mode: 0o644, isGzipped: true },
    { path: `${doc}/sbom.cdx.json`, text: parts.sbom, mode: 0o644 },
    { path: 'etc/flatnet/peers.d', folder: true },
  ]
}

// Debian policy 12.5, in the machine-readable form of DEP-5.
function copyright(root: string): string {
  const text = readFileSync(join(root, 'LICENSE'), 'utf8').trim()
  const holder = /^Copyright.*$/m.exec(text)?.[0] ?? 'Copyright the flatnet-cni authors'
  const body = text.split('\n').map((line) => ` ${line.trim() === '' ? '.' : line}`)
  return [
    'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/',
    'Upstream-Name: flatnet-cni',
    'Comment: third-party-licences.gz holds the licences of the works inside the executable.',
    '',
    'Files: *',
    `Copyright: ${holder.replace(/^Copyright\s*/, '')}`,
    'License: Expat',
    ...body,
    '',
  ].join('\n')
}

function listed(root: string, folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .toSorted()
}

function completionOf(executable: string, shell: string): string {
  const { status, stdout, stderr } = spawnSync(executable, ['completion', shell], { encoding: 'utf8' })
  if (status !== 0) throw new ReleaseError(`${executable} completion ${shell}: ${stderr}`)
  return stdout
}

/** Writes the entries below `folder`. */
export function writeTree(folder: string, entries: readonly Entry[]): void {
  for (const entry of entries) {
    const path = join(folder, entry.path)
    mkdirSync('folder' in entry ? path : dirname(path), { recursive: true, mode: 0o755 })
    if ('link' in entry) symlinkSync(entry.link, path)
    else if (!('folder' in entry)) writeEntry(path, entry)
  }
}

function writeEntry(path: string, entry: Extract<Entry, { readonly mode: number }>): void {
  if ('from' in entry && entry.isGzipped !== true) cpSync(entry.from, path)
  else {
    const bytes = 'from' in entry ? readFileSync(entry.from) : Buffer.from(entry.text)
    // Without a name or time in its header (RFC 1952, section 2.3.1), as gzip -n.
    writeFileSync(path, entry.isGzipped === true ? gzipSync(bytes, { level: 9 }) : bytes)
  }
  chmodSync(path, entry.mode)
}
