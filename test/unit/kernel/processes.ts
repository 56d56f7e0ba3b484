import { once } from 'node:events'
import { mkdtempSync, copyFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import {
  executableOf,
  openFiles,
  processIds,
  programNameOf,
  threadNameOf,
} from '../../../src/kernel/processes.ts'

const self = String(process.pid)

t.test('this process, its executable and its open files', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  t.ok(processIds().includes(self))
  t.equal(executableOf(self), process.execPath)
  t.ok(openFiles(self).some((file) => /^socket:\[\d+\]$/.test(file)))
})

t.test('a replaced executable keeps its path; odd characters are shown as "?"', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'flatnet-processes-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'odd\nname')
  copyFileSync('/bin/sleep', path)
  const child = spawn(path, ['100'])
  t.teardown(() => child.kill('SIGKILL'))
  await once(child, 'spawn')
  const pid = String(child.pid)
  t.equal(programNameOf(pid), 'odd?name')
  t.equal(threadNameOf(pid), 'odd\nname')
  rmSync(path)
  t.equal(executableOf(pid), path)
})

t.test('a process that does not exist has nothing', async (t) => {
  t.same(openFiles('0'), [])
  t.equal(executableOf('0'), '')
  t.equal(programNameOf('0'), '')
})
