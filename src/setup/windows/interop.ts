// Windows as programs in WSL2 reach it: powershell.exe through interop, and its paths.

import { CniCode, CniError, errorText } from '../../cni/error.ts'
import { run } from '../../exec/run.ts'
import type { Outcome } from '../../exec/command.ts'
import { parseWindowsFacts, type WindowsFacts } from '../../provision/windows/facts.ts'
import { parseIni } from '../../provision/windows/ini.ts'
import { powershellArgs } from '../../provision/windows/launch.ts'
import { readText } from '../../state/files/atomic.ts'
import { isThere } from '../../state/files/output-file.ts'

/** Milliseconds: a machine that is busy takes long to start PowerShell, and no one has to answer. */
const ASK_MS = 120_000
const POWERSHELL = 'Windows/System32/WindowsPowerShell/v1.0/powershell.exe'

/**
 * Asks Windows. @param script the text of flatnet-facts.ps1
 * @throws CniError PluginUnavailable, InvalidConfig
 */
export async function askFacts(script: string): Promise<WindowsFacts> {
  const { exitCode, stdout, stderr } = await runPowerShell(script, ASK_MS)
  if (exitCode !== 0) {
    const [first = ''] = stderr.trim().split(/\r?\n/)
    throw unavailable(`powershell.exe ended with ${String(exitCode)}: ${first}`)
  }
  return parseWindowsFacts(stdout)
}

/** Runs a script in Windows, as the user of this WSL. @throws CniError PluginUnavailable */
export async function runPowerShell(script: string, timeoutMs: number): Promise<Outcome> {
  const file = findPowerShell()
  const args = powershellArgs(script)
  // Interop finds its way by this variable, which sudo and systemd drop.
  return run({ file, args, timeoutMs, pass: ['WSL_INTEROP'] }).catch((error: unknown) => {
    throw unavailable(errorText(error))
  })
}

function findPowerShell(): `/${string}/powershell.exe` {
  const root = (parseIni(readText('/etc/wsl.conf') ?? '').get('automount.root') ?? '/mnt').replace(/\/+$/, '')
  const places = [
    ...(process.env['PATH'] ?? '').split(':').map((folder) => `${folder}/powershell.exe`),
    `${root}/c/${POWERSHELL}`,
  ]
  const found = places.find((path) => path.startsWith('/') && isThere(path))
  if (found !== undefined) return found as `/${string}/powershell.exe`
  throw unavailable(`no powershell.exe on the PATH or at ${root}/c/${POWERSHELL}`)
}

function unavailable(why: string): CniError {
  return new CniError(
    CniCode.PluginUnavailable,
    'Windows not reached',
    `${why}; interop must be enabled in /etc/wsl.conf ([interop] enabled=true) and drive C mounted; ` +
      '--windows skip leaves Windows alone',
  )
}

/** Returns the path here of a path of Windows. @throws CniError PluginUnavailable */
export async function pathHere(windowsPath: string): Promise<string> {
  const { exitCode, stdout, stderr } = await run({ file: 'wslpath', args: ['-u', windowsPath] })
  const path = stdout.trim()
  if (exitCode === 0 && path.startsWith('/')) return path
  throw unavailable(`wslpath -u "${windowsPath}": ${stderr.trim()}`)
}

/** Returns the name of this distribution, by the share that Windows sees it as: \\wsl.localhost\NAME. */
export async function distributionHere(): Promise<string> {
  const { stdout } = await run({ file: 'wslpath', args: ['-w', '/'] })
  const name = /^\\\\[^\\]+\\([^\\]+)/.exec(stdout.trim())?.[1]
  return name ?? process.env['WSL_DISTRO_NAME'] ?? ''
}
