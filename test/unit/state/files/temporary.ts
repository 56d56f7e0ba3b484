import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { ownMark } from '../../../../src/state/lock/process-mark.ts'
import {
  leftTemporaries,
  removeTemporary,
  temporaryPath,
  withoutTemporary,
} from '../../../../src/state/files/temporary.ts'

t.test('temporary files have unique names and are not listed as files of the folder', async (t) => {
  const names = [temporaryPath('/f'), temporaryPath('/f')].map((path) => basename(path))
  t.not(names[0], names[1])
  t.same(withoutTemporary(['10.87.1.10', ...names]), ['10.87.1.10'])
})

t.test('only files of processes proven dead are removed', async (t) => {
  const dir = t.testdir()
  const [pid = '', startTime = '', namespace = '', boot = ''] = ownMark().split('-')
  const mark = (...parts: string[]): string => `.tmp-${parts.join('-')}-1`
  const left = [
    mark(pid, '1', namespace, boot),
    mark('4194304', startTime, namespace, boot),
    mark(pid, startTime, namespace, '0'.repeat(32)),
    // Named as in version 0.1.0.
    '.tmp-4194304-7',
  ]
  const kept = [
    basename(temporaryPath(dir)),
    mark('4194304', '1', '1', boot),
    `.tmp-${pid}-7`,
    '.tmp-of-somebody',
    'readme',
  ]
  for (const name of [...left, ...kept]) writeFileSync(join(dir, name), '')
  t.same(
    leftTemporaries(dir)
      .map((path) => basename(path))
      .toSorted(),
    left.toSorted(),
  )
  for (const path of leftTemporaries(dir)) removeTemporary(path)
  t.same(readdirSync(dir).toSorted(), kept.toSorted())
  t.same(leftTemporaries(join(dir, 'none')), [])
})

t.test('a folder that was to become a lock is removed with its entry', async (t) => {
  const dir = t.testdir()
  const path = join(dir, '.tmp-4194304-1')
  mkdirSync(path)
  writeFileSync(join(path, 'entry'), '')
  removeTemporary(path)
  t.equal(existsSync(path), false)
  removeTemporary(path)
})
