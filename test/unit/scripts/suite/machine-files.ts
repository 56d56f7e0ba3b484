import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { machineFiles, newFiles } from '../../../../scripts/suite/machine-files.ts'

t.test('what tests leave on the machine is seen', (t) => {
  const folder = t.testdir({ cni: { bridge: '' } })
  const look = () => machineFiles([join(folder, 'cni'), join(folder, 'none')])
  const before = look()
  t.same(newFiles(before, look()), [])
  mkdirSync(join(folder, 'cni/deep'))
  writeFileSync(join(folder, 'cni/deep/file'), '')
  symlinkSync('/nowhere', join(folder, 'cni/a-link'))
  t.same(
    newFiles(before, look()),
    ['a-link', 'deep', 'deep/file'].map((name) => join(folder, 'cni', name)),
  )
  t.end()
})
