// Looks at the host that is to be joined.

import { CniCode, CniError } from '../cni/error.ts'
import { installedNebula, nebulaVersion, programOnPath } from '../exec/nebula/nebula-version.ts'
import { run } from '../exec/run.ts'
import { loadNebulaConfig } from '../host/identity/nebula-config.ts'
import { tryKernel } from '../host/network/kernel-trials.ts'
import { hasModules, installedModules, kernelRelease } from '../kernel/modules.ts'
import { readText } from '../state/files/atomic.ts'
import { isThere } from '../state/files/output-file.ts'
import { ownConflist } from '../state/joined/networks.ts'
import { hashOfFile, lookAt } from '../state/joined/places.ts'
import type { KernelFound } from '../provision/host/kernel.ts'
import {
  type BootCommand,
  HANDED_FOLDER,
  type HandedProgram,
  type Surroundings,
  type WslMode,
} from '../provision/host/surroundings.ts'
import {
  AGENT_UNIT,
  BOOT_COMMAND,
  NEBULA_CONFIG,
  PACKAGE_UNITS,
  PROGRAM,
  UNIT_FOLDERS,
  WSL_CONF,
} from '../provision/host/wanted.ts'
import { parseIni } from '../provision/windows/ini.ts'

// Where Debian's containerd and podman look for plugins.
const OTHER_PROGRAMS = '/usr/lib/cni'
const PODMAN = ['/usr/bin/podman', '/usr/local/bin/podman']

/** Looks. @param came programs from the office @throws CniError where Nebula is missing */
export async function lookAround(came: readonly HandedProgram[]): Promise<Surroundings> {
  const wsl = await wslMode()
  const handed = came.filter(({ name }) => programOnPath(name) === undefined)
  return {
    nebula: await findNebula(handed.find(({ name }) => name === 'nebula')),
    handed,
    kernel: await lookAtKernel(),
    hasSystemd: isThere('/run/systemd/system'),
    hasNebulaUnit: UNIT_FOLDERS.some((folder) => isThere(`${folder}/nebula@.service`)),
    wsl,
    bootCommand: wsl === 'none' ? { kind: 'none' } : readBootCommand(),
    hasAgentUnit: PACKAGE_UNITS.some((folder) => isThere(`${folder}/${AGENT_UNIT}`)),
    blocked: loadNebulaConfig(NEBULA_CONFIG).facts.pki.blocklist,
    conflist: ownConflist(),
    pluginFolders: isThere(OTHER_PROGRAMS) || PODMAN.some(isThere) ? [OTHER_PROGRAMS] : [],
    program: programToCopy(),
  }
}

const TRIAL_MS = 10_000

// Without `nft` nothing can be tried; check names what is missing then.
async function lookAtKernel(): Promise<KernelFound> {
  const release = kernelRelease()
  const tried = await tryKernel(TRIAL_MS).catch(() => undefined)
  return {
    release,
    hasModules: hasModules(release),
    installed: installedModules(release),
    trials: tried === undefined ? [] : [...tried.links, ...tried.rules],
  }
}

function readBootCommand(): BootCommand {
  const wslConf = readText(WSL_CONF) ?? ''
  const command = parseIni(wslConf).get('boot.command')
  return command === undefined || command === BOOT_COMMAND
    ? { kind: 'ours', wslConf }
    : { kind: 'other', command }
}

// A plan alone shows no contents, so any version that is supported will do for its configuration.
const OLDEST = '1.9.7'

async function findNebula(handed: HandedProgram | undefined): Promise<Surroundings['nebula']> {
  const executable = `${HANDED_FOLDER}/nebula`
  if (handed?.copyOf === '') return { executable, version: OLDEST }
  const found =
    handed === undefined
      ? await installedNebula(process.env['PATH'])
      : { executable, ...(await nebulaVersion(handed.copyOf)) }
  const remedy =
    'install Nebula 1.9.7 or newer: https://github.com/slackhq/nebula/releases into /usr/local/bin, or ' +
    'the package nebula of Debian 13 and later'
  if (found === undefined)
    throw new CniError(
      CniCode.PluginUnavailable,
      'nebula missing',
      `no program nebula on this host: ${remedy}`,
    )
  if ('version' in found) return { executable: found.executable, version: found.version }
  throw new CniError(CniCode.PluginUnavailable, 'nebula not usable', `${found.silent}; ${remedy}`)
}

/** Tells whether this is WSL2, and in which networking mode. */
export async function wslMode(): Promise<WslMode> {
  const release = readText('/proc/sys/kernel/osrelease') ?? ''
  const hasInterop = isThere('/proc/sys/fs/binfmt_misc/WSLInterop')
  if (!/microsoft/i.test(release) && !hasInterop) return 'none'
  // `wslinfo` came with WSL 2.0.14, and so did the modes besides NAT.
  const said = await run({ file: 'wslinfo', args: ['--networking-mode'] }).catch(() => undefined)
  const mode = said?.exitCode === 0 ? said.stdout.trim().toLowerCase() : 'nat'
  return mode === 'nat' || mode === 'mirrored' || mode === 'virtioproxy' ? mode : 'other'
}

// A program in place is an installation's business. `process.execPath` is Node's own outside the executable.
function programToCopy(): Surroundings['program'] {
  const own = process.execPath
  if (lookAt(PROGRAM).kind !== 'absent') return undefined
  if (own === PROGRAM || !/\/flatnet-cni[^/]*$/.test(own)) return undefined
  return { copyOf: own, sha256: hashOfFile(own) }
}
