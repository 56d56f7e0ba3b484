import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

import { rememberBlocklist, rememberedBlocklist } from '../../../../src/state/agent/blocklist.ts'
import { learntFolder } from '../../../../src/state/files/certificate-folder.ts'
import {
  MOST_LEARNT,
  readLearnt,
  removeLearnt,
  storeLearnt,
} from '../../../../src/state/agent/learnt-peers.ts'
import { fileStamp } from '../../../../src/state/files/source-file.ts'

const [A, B] = ['a'.repeat(64), 'b'.repeat(64)]

/** Tells whether there was room. */
const store = (dataDir: string, fingerprint: string, pem: string, from: string): boolean =>
  storeLearnt(dataDir, [{ fingerprint, pem }], from) === 1

t.test('certificates are stored, read with their source, replaced and forgotten', (t) => {
  const dataDir = join(t.testdir(), 'data')
  t.same(readLearnt(dataDir), [], 'no folder yet')
  removeLearnt(dataDir, [A])
  t.ok(store(dataDir, A, 'one\n', '10.86.0.1'))
  t.ok(store(dataDir, B, 'two\n', 'fd86::1'))
  t.ok(store(dataDir, A, 'one again\n', '10.86.0.2'))
  t.match(readLearnt(dataDir), [
    { fingerprint: A, text: /one again\n$/, from: '10.86.0.2' },
    { fingerprint: B, text: /two\n$/, from: 'fd86::1' },
  ])
  const folder = learntFolder(dataDir)
  t.same(readdirSync(folder), [`${A}.crt`, `${B}.crt`], 'nothing else is left')
  t.equal(statSync(join(folder, `${A}.crt`)).mode & 0o777, 0o600)
  removeLearnt(dataDir, [A, 'c'.repeat(64)])
  t.match(readLearnt(dataDir), [{ fingerprint: B }])
  t.throws(() => store(dataDir, '../../etc/passwd', 'x', ''), TypeError)
  t.end()
})

t.test('foreign files in the folder are left alone', (t) => {
  const dataDir = t.testdir({
    peers: { 'readme.txt': 'x', [`${A.slice(1)}.crt`]: 'x', [`${A}.crt`]: 'no first line' },
  })
  t.match(readLearnt(dataDir), [{ fingerprint: A, text: 'no first line', from: '' }])
  removeLearnt(dataDir, [])
  t.same(readdirSync(learntFolder(dataDir)).sort(), [`${A.slice(1)}.crt`, `${A}.crt`, 'readme.txt'])
  t.end()
})

t.test('the number stored is limited', (t) => {
  const dataDir = t.testdir()
  mkdirSync(learntFolder(dataDir))
  const name = (index: number): string => index.toString(16).padStart(64, '0')
  for (let index = 0; index < MOST_LEARNT; index++)
    writeFileSync(join(learntFolder(dataDir), `${name(index)}.crt`), 'x')
  t.notOk(store(dataDir, A, 'one more', ''))
  t.ok(store(dataDir, name(7), 'a known one', ''))
  removeLearnt(dataDir, [name(0)])
  t.ok(store(dataDir, A, 'one more', ''))
  writeFileSync(join(learntFolder(dataDir), `${B}.crt`), 'somebody else')
  t.equal(readLearnt(dataDir).length, MOST_LEARNT)
  t.end()
})

t.test("every change shows in the folder's time stamp", (t) => {
  const dataDir = t.testdir()
  const stamps = [fileStamp(learntFolder(dataDir))]
  for (const act of [
    () => store(dataDir, A, 'one', ''),
    () => rememberBlocklist(dataDir, new Set([A])),
    () => removeLearnt(dataDir, [A]),
  ]) {
    // Longer than the kernel's clock tick, which limits the resolution of file times.
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
