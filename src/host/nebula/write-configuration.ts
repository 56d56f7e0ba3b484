// Replaces Nebula's configuration: tested first, the old one kept beside it.

import { CniCode, CniError } from '../../cni/error.ts'
import { run } from '../../exec/run.ts'
import { createFile, readText, removeFile, replaceFile } from '../../state/files/atomic.ts'

const TEST_MS = 30_000

/**
 * Replaces `file`. A kill at any point leaves the old configuration or the new one.
 * @param executable the Nebula that tests the text; without it there is no test
 * @returns the path of the old configuration's copy, and whether the new one was tested
 * @throws CniError InvalidConfig with Nebula's words, or IoFailure, also when `file` is a folder
 */
export async function writeNebulaConfig(
  file: string,
  text: string,
  executable: string | undefined,
): Promise<{ readonly backup: string; readonly tested: boolean }> {
  const old = readText(file)
  if (old === undefined)
    throw new CniError(CniCode.IoFailure, 'nothing to replace', `${file}: no such file; name it with --file`)
  if (executable !== undefined) await testNebulaConfig(executable, file, text)
  const backup = keepCopy(file, old)
  replaceFile(file, text, true)
  return { backup, tested: executable !== undefined }
}

/**
 * Has Nebula read a text as it would read the file. @param executable the Nebula that reads it
 * @throws CniError InvalidConfig with Nebula's words
 */
export async function testNebulaConfig(executable: string, file: string, text: string): Promise<void> {
  const path = `${file}.flatnet-new`
  replaceFile(path, text, false)
  try {
    const { exitCode, stdout, stderr } = await run({
      file: executable as `/${string}/nebula`,
      args: ['-test', '-config', path],
      timeoutMs: TEST_MS,
    })
    if (exitCode === 0) return
    const said = `${stdout}\n${stderr}`.trim().split('\n').at(-1) ?? ''
    throw new CniError(
      CniCode.InvalidConfig,
      'Nebula refuses the new configuration',
      `${said}; nothing was changed`,
    )
  } finally {
    removeFile(path)
  }
}

/**
 * Keeps a copy of a text beside its file, under the first free name, so that no earlier copy is lost. Returns
 * its path. @throws CniError IoFailure
 */
export function keepCopy(file: string, old: string): string {
  for (let number = 1; ; number += 1) {
    const backup = `${file}.before-flatnet-${String(number)}`
    if (createFile(backup, old)) return backup
  }
}
