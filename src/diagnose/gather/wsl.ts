// Gathers what is visible of Windows from inside WSL. Windows itself is not asked, because a process there
// takes a second to start.

import { existsSync, readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import type { Facts } from '../../check/facts.ts'
import type { ResolverFacts } from '../../check/facts/wsl.ts'
import { parseIni } from '../../provision/windows/ini.ts'
import { parseStatus } from '../../provision/windows/sync-files.ts'
import { readText } from '../../state/files/atomic.ts'
import { windowsPlaces } from '../../state/joined/windows-places.ts'
import { unixSeconds } from '../../unix-time.ts'
import { CniError, errnoCode, errorText } from '../../cni/error.ts'
import { isLate } from '../../cni/late.ts'
import { decodeUnicode } from '../../config/source-text.ts'
import { run } from '../../exec/run.ts'
import { type GatherContext, QUESTION_PART } from '../context.ts'
import { rememberPlace } from '../wsl-memory.ts'

export async function gatherWsl(context: GatherContext): Promise<Facts['wsl']> {
  const release = textOf('/proc/sys/kernel/osrelease')
  const kind = kindOf(release)
  const conf = parseIni(textOf('/etc/wsl.conf'))
  const base = {
    kind,
    release,
    isSystemdRunning: existsSync('/run/systemd/system'),
    systemdWanted: conf.get('boot.systemd'),
    resolver: resolverOf('/etc/resolv.conf'),
  }
  if (kind === 'none') {
    const memory = { now: undefined, earlier: undefined, jumpedSeconds: 0 }
    return {
      ...base,
      mode: '',
      windowsConfig: undefined,
      seesWindowsDisk: false,
      memory,
      windowsTask: undefined,
    }
  }
  const disk = `${(conf.get('automount.root') ?? '/mnt').replace(/\/$/, '')}/c`
  const [mode, windowsConfig, memory] = await Promise.all([
    modeOf(context),
    windowsConfigOf(disk),
    rememberPlace(context),
  ])
  const seesWindowsDisk = existsSync(`${disk}/Users`)
  return { ...base, mode, windowsConfig, seesWindowsDisk, memory, windowsTask: windowsTask() }
}

function windowsTask(): Facts['wsl']['windowsTask'] {
  try {
    const places = windowsPlaces()
    if (places === undefined) return undefined
    const text = readText(places.status)
    if (text === undefined) return { kind: 'absent' }
    const { at, problems } = parseStatus(text, places.status)
    return { kind: 'ran', secondsAgo: Math.max(0, unixSeconds(new Date()) - at), problems }
  } catch (error) {
    if (!(error instanceof CniError)) throw error
    return { kind: 'unreadable', why: errorText(error) }
  }
}

// Microsoft's kernels say so in their release. Custom kernels are recognised by the interpreter for .exe
// files, which WSL's init registers.
function kindOf(release: string): Facts['wsl']['kind'] {
  if (release.endsWith('-Microsoft')) return 'wsl1'
  const interop = ['WSLInterop', 'WSLInterop-late'].some((name) =>
    existsSync(`/proc/sys/fs/binfmt_misc/${name}`),
  )
  return /microsoft/i.test(release) || interop ? 'wsl2' : 'none'
}

// `wslinfo` came with WSL 2.0.14; before that, a second loopback interface indicates mirrored mode.
async function modeOf({ get, limitMs, missed }: GatherContext): Promise<string> {
  const command = {
    file: 'wslinfo',
    args: ['--networking-mode'],
    timeoutMs: limitMs * QUESTION_PART,
  } as const
  const said = await run(command).catch((error: unknown) => {
    if (isLate(error)) missed(error.details)
    return undefined
  })
  if (said?.exitCode === 0 && /^[a-z]+$/i.test(said.stdout.trim())) return said.stdout.trim().toLowerCase()
  const links = await get('links')
  if (links.some(({ name }) => name === 'loopback0')) return 'mirrored'
  return links.some(({ name }) => name === 'eth0') ? 'nat' : ''
}

// The Windows user who started this distribution is unknown here; few machines have two users of WSL.
async function windowsConfigOf(disk: string): Promise<Facts['wsl']['windowsConfig']> {
  const users = await readdir(`${disk}/Users`).catch(() => [])
  for (const user of users) {
    const path = `${disk}/Users/${user}/.wslconfig`
    const bytes = await readFile(path).catch(() => undefined)
    if (bytes === undefined) continue
    const decoded = decodeUnicode(bytes)
    return { path, values: parseIni('text' in decoded ? decoded.text : bytes.toString('latin1')) }
  }
  return undefined
}

function resolverOf(path: string): ResolverFacts {
  try {
    const text = readFileSync(path, 'utf8')
    const nameservers = [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map(([, address = '']) => address)
    return { path, problem: undefined, nameservers }
  } catch (error) {
    const problem = errnoCode(error) === 'ENOENT' ? 'no such file, or a dangling link' : errorText(error)
    return { path, problem, nameservers: [] }
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}
