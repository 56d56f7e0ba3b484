// What powershell.exe is asked to run, and how it says that it did not.

import { quote } from './quote.ts'

/** Exit codes of what {@link elevated} returns, besides those of the script that it runs. */
export const LAUNCH_EXIT = { notAdministrator: 2, altered: 3, refused: 4 } as const

/** The arguments of powershell.exe for one script. Base64 passes every shell and code page. */
export function powershellArgs(script: string): readonly string[] {
  return ['-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-EncodedCommand', encode(script)]
}

/** about_PowerShell_exe, -EncodedCommand: UTF-16LE as base64. */
function encode(script: string): string {
  return Buffer.from(script, 'utf16le').toString('base64')
}

/**
 * Returns a script that asks for the user's consent once and runs another script as administrator. Its
 * exit code is that script's, or one of {@link LAUNCH_EXIT}.
 */
export function elevated(inner: string): string {
  const list = powershellArgs(inner).map(quote).join(', ')
  return [
    "$ErrorActionPreference = 'Stop'",
    'try {',
    `    $list = @(${list})`,
    "    $started = Start-Process -FilePath 'powershell.exe' -Verb RunAs -Wait -PassThru -ArgumentList $list",
    '} catch {',
    '    [Console]::Error.WriteLine("$_")',
    `    exit ${String(LAUNCH_EXIT.refused)}`,
    '}',
    'exit $started.ExitCode',
  ].join('\n')
}

/**
 * Returns a script that runs the file at `path` if its bytes have this hash. The file lies where programs
 * of the user can write, so it is read once, judged, and run from memory.
 * @param sha256 in hexadecimal
 */
export function runFile(path: string, sha256: string): string {
  return [
    "$ErrorActionPreference = 'Stop'",
    `$bytes = [IO.File]::ReadAllBytes(${quote(path)})`,
    '$sum = [BitConverter]::ToString([Security.Cryptography.SHA256]::Create().ComputeHash($bytes))',
    `if ($sum.Replace('-', '') -ne ${quote(sha256)}) { exit ${String(LAUNCH_EXIT.altered)} }`,
    '$text = [Text.Encoding]::UTF8.GetString($bytes).TrimStart([char]0xFEFF)',
    '& ([scriptblock]::Create($text))',
    'exit $LASTEXITCODE',
  ].join('\n')
}

/** Returns a script that runs flatnet-undo.ps1 where only administrators write. */
export function runUndo(): string {
  return [
    "$ErrorActionPreference = 'Stop'",
    "$programs = [Environment]::GetFolderPath('ProgramFiles')",
    "& (Join-Path $programs 'flatnet\\flatnet-undo.ps1')",
    'exit $LASTEXITCODE',
  ].join('\n')
}
