import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

import { rememberBlocklist, rememberedBlocklist } from '../../../src/state/blocklist.ts'
import { learntFolder } from '../../../src/state/certificate-folder.ts'
import { MOST_LEARNT, readLearnt, removeLearnt, storeLearnt } from '../../../src/state/learnt-peers.ts'
import { fileStamp } from '../../../src/state/source-file.ts'

const [A, B] = ['a'.repeat(64), 'b'.repeat(64)]

/** Whether there was room. */
const store = (dataDir: string, fingerprint: string, pem: string, from: string): boolean =>
  storeLearnt(dataDir, [{ fingerprint, pem }], from) === 1

t.test('certificates are kept, read with where they came from, replaced and forgotten', (t) => {
  const dataDir = join(t.testdir(), 'data')
  t.same(readLearnt(dataDir), [], 'no folder yet')
  removeLearnt(dataDir, [A], 0)
  t.ok(store(dataDir, A, 'one\n', '10.86.0.1'))
  t.ok(store(dataDir, B, 'two\n', 'fd86::1'))
  t.ok(store(dataDir, A, 'one again\n', '10.86.0.2'))
  t.match(readLearnt(dataDir), [
    { fingerprint: A, text: /one again\n$/, from: '10.86.0.2' },
    { fingerprint: B, text: /two\n$/, from: 'fd86::1' },
  ])
  const folder = learntFolder(dataDir)
  t.same(readdirSync(folder), [`${A}.crt`, `${B}.crt`], 'nothing else is left behind')
  t.equal(statSync(join(folder, `${A}.crt`)).mode & 0o777, 0o600)
  removeLearnt(dataDir, [A, 'c'.repeat(64)], 0)
  t.match(readLearnt(dataDir), [{ fingerprint: B }])
  t.throws(() => store(dataDir, '../../etc/passwd', 'x', ''), TypeError)
  t.end()
})

t.test('what others put into the folder is left alone, and the leavings of a killed agent go', (t) => {
  const dataDir = t.testdir({
    peers: { 'readme.txt': 'x', [`${A.slice(1)}.crt`]: 'x', [`${A}.crt`]: 'no first line' },
  })
  const left = join(learntFolder(dataDir), '.tmp-1-1')
  writeFileSync(left, 'half')
  utimesSync(left, 1, 1)
  t.match(readLearnt(dataDir), [{ fingerprint: A, text: 'no first line', from: '' }])
  removeLearnt(dataDir, [], Date.now())
  t.same(readdirSync(learntFolder(dataDir)).sort(), [`${A.slice(1)}.crt`, `${A}.crt`, 'readme.txt'])
  t.end()
})

t.test('there is an end to how many are kept', (t) => {
  const dataDir = t.testdir()
  mkdirSync(learntFolder(dataDir))
  const name = (index: number): string => index.toString(16).padStart(64, '0')
  for (let index = 0; index < MOST_LEARNT; index++)
    writeFileSync(join(learntFolder(dataDir), `${name(index)}.crt`), 'x')
  t.notOk(store(dataDir, A, 'one more', ''))
  t.ok(store(dataDir, name(7), 'a known one', ''))
  removeLearnt(dataDir, [name(0)], 0)
  t.ok(store(dataDir, A, 'one more', ''))
  writeFileSync(join(learntFolder(dataDir), `${B}.crt`), 'somebody else')
  t.equal(readLearnt(dataDir).length, MOST_LEARNT)
  t.end()
})

t.test('every change shows in the stamp of the folder', (t) => {
  const dataDir = t.testdir()
  const stamps = [fileStamp(learntFolder(dataDir))]
  for (const act of [
    () => store(dataDir, A, 'one', ''),
    () => rememberBlocklist(dataDir, new Set([A])),
    () => removeLearnt(dataDir, [A], 0),
  ]) {
    // Longer than the kernel's clock tick, by which times of change are counted.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 15)
    act()
    stamps.push(fileStamp(learntFolder(dataDir)))
  }
  t.equal(new Set(stamps).size, 4, 'four different ones', { stamps })
  t.end()
})

t.test('the blocklist is remembered, and a damaged one blocks nothing', (t) => {
  const dataDir = t.testdir()
  t.same(rememberedBlocklist(dataDir), new Set())
  rememberBlocklist(dataDir, new Set([B, A]))
  t.same(rememberedBlocklist(dataDir), new Set([A, B]))
  rememberBlocklist(dataDir, new Set([B]))
  t.same(rememberedBlocklist(dataDir), new Set([B]))
  for (const text of ['', '{"a": 1}', '[1, null]']) {
    writeFileSync(join(learntFolder(dataDir), 'blocklist.json'), text)
    t.same(rememberedBlocklist(dataDir), new Set(), text)
  }
  t.end()
})
