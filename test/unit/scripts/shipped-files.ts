// What the executable puts on hosts is what the repository has: the bundle is made from these files.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { FILES } from '../../../scripts/build/bundle.ts'
import { shippedFiles } from '../../../src/shipped-files.ts'

const read = (path: string): string => readFileSync(join(import.meta.dirname, '../../..', path), 'utf8')

t.test('each file that is shipped exists, and is what its name says', async (t) => {
  t.match(read(FILES.agentUnit), /^ExecStart=\/opt\/cni\/bin\/flatnet-cni agent$/m)
  t.match(read(FILES.nebulaUnit), /^ExecStart=@NEBULA@ -config \/etc\/nebula\/config\.yml$/m)
  t.match(read(FILES.agentScript), /^#!\/bin\/sh\n/)
  t.match(read(FILES.startScript), /^nebula='@NEBULA@'$/m)
  t.match(JSON.parse(read(FILES.conflist)), { name: 'flatnet' })
  for (const key of ['windowsFacts', 'windowsRecord', 'windowsSync', 'windowsUndo'] as const)
    t.match(read(FILES[key]), /^# [^]*\nSet-StrictMode /, key)
})

t.test('sources that were not bundled carry none', async (t) => {
  t.throws(() => shippedFiles(), { message: 'only the built executable carries files' })
})
