// The store with many real processes: they start together, are killed, or lose the lock.

import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { formatPrefix } from '../../../src/addr/prefix.ts'
import { CniCode } from '../../../src/cni/error.ts'
import { openStore, type Store } from '../../../src/state/addresses/store.ts'
import { GONE, requestFor } from '../../fixtures/state/attachments.ts'

const WORKER = fileURLToPath(new URL('../../fixtures/state/lease-worker.ts', import.meta.url))

interface Worker {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  readonly ended: Promise<{ addresses: string[]; errors: string; code: number | null }>
}

function start(t: Test, ...args: string[]): Worker {
  const child = spawn(process.execPath, [WORKER, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  t.teardown(() => child.kill('SIGKILL'))
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const ended = once(child, 'close').then(() => ({
    addresses: output.split('\n').filter((line) => line !== ''),
    errors,
    code: child.exitCode,
  }))
  return { child, ended }
}

async function allOf(t: Test, workers: readonly Worker[]): Promise<string[]> {
  const results = await Promise.all(workers.map(({ ended }) => ended))
  for (const { code, errors } of results) t.equal(code, 0, errors)
  return results.flatMap(({ addresses }) => addresses)
}

function holderOf(dir: string, address = ''): string | undefined {
  const path = join(dir, 'leases', address.replace(/\/.*/, ''))
  if (!existsSync(path)) return undefined
  return (JSON.parse(readFileSync(path, 'utf8')) as { containerID: string }).containerID
}

// Moved first: the next holder's lock may replace a folder that is being emptied.
function takeAway(lock: string, aside: string): void {
  if (!existsSync(lock)) return
  try {
    renameSync(lock, aside)
  } catch {
    return // It was just released.
  }
  rmSync(aside, { recursive: true })
}

function assertConsistent(t: Test, dir: string, store: Store): void {
  const { records, damaged } = store.list()
  t.same(damaged, [])
  const held = records.flatMap(({ addresses }) => addresses)
  t.equal(new Set(held).size, held.length, 'no address is in two records')
  const leases = readdirSync(join(dir, 'leases')).filter((name) => !name.startsWith('.tmp-'))
  for (const address of leases) {
    const holder = holderOf(dir, address)
    const record = records.find(({ containerID }) => containerID === holder)
    t.ok(record?.addresses.includes(`${address}/24`), `${address} is in the record of ${String(holder)}`)
  }
}

t.test('of processes that create the same files at the same time, one creates each', async (t) => {
  const dir = t.testdir()
  const workers = Array.from({ length: 4 }, (_, i) => start(t, 'race', dir, `w${String(i)}`, '3000'))
  await setTimeout(1_500)
  writeFileSync(join(dir, 'go'), '')
  const made = await allOf(t, workers)
  t.equal(made.length, 3_000)
  t.equal(new Set(made).size, 3_000)
})

t.test('40 processes that start together all get different addresses', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  const workers = Array.from({ length: 40 }, (_, i) => start(t, 'hold', dir, `c${String(i)}`, '3'))
  const addresses = await allOf(t, workers)
  t.equal(addresses.length, 120)
  t.equal(new Set(addresses).size, 120)
  t.equal(store.list().records.length, 120)
  assertConsistent(t, dir, store)
})

t.test('addresses stay different even if holders keep losing the lock', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  // Every place has a dead attachment, so that every process must reclaim an address.
  for (let i = 0; i < 245; i++) {
    await store.reserve(
      requestFor(`dead${String(i)}`, { record: { hostLink: GONE, owner: { pid: 1, startTime: '0' } } }),
    )
  }
  const workers = Array.from({ length: 12 }, (_, i) => start(t, 'hold', dir, `c${String(i)}`, '10'))
  let working = true
  const done = Promise.all(workers.map(({ ended }) => ended)).finally(() => (working = false))
  while (working) {
    takeAway(join(dir, 'lock'), join(dir, 'taken'))
    await setTimeout(1)
  }
  const results = await done
  const addresses = results.flatMap(({ addresses }) => addresses)
  t.equal(new Set(addresses).size, addresses.length)
  t.ok(addresses.length > 12, 'the lock does not prevent it')
  for (const { code, errors } of results.filter(({ code }) => code !== 0)) {
    t.match(JSON.parse(errors), { code: CniCode.TryAgainLater }, `exit code ${String(code)}`)
  }
})

t.test('the next processes can repair whatever killed ones leave', async (t) => {
  const dir = t.testdir()
  const store = openStore(dir)
  for (let round = 0; round < 6; round++) {
    const workers = Array.from({ length: 3 }, (_, i) =>
      start(t, 'churn', dir, `r${String(round)}-${String(i)}`),
    )
    await Promise.all(workers.map(({ child }) => once(child.stdout, 'data')))
    for (const { child } of workers) {
      await setTimeout(9 * round)
      child.kill('SIGKILL')
    }
    await Promise.all(workers.map(({ ended }) => ended))
  }
  // The runtimes' next calls: DEL again where it was cut off between lease and record, ADD again where ADD
  // was.
  const { records, damaged } = store.list()
  t.same(damaged, [])
  for (const { phase, addresses, ...key } of records) {
    if (phase === 'adding') await store.commit((await store.reserve(requestFor(key.containerID))).record)
    else if (holderOf(dir, addresses[0]) !== key.containerID) await store.release(key)
  }
  assertConsistent(t, dir, store)
  // No address is lost: the rest of the range can still be assigned to the last one.
  const taken = store.list().records.length
  const rest: string[] = []
  for (let i = taken; i < 245; i++) {
    const { addresses, record } = await store.reserve(requestFor(`rest${String(i)}`))
    await store.commit(record)
    rest.push(...addresses.map(formatPrefix))
  }
  t.equal(new Set(rest).size, 245 - taken)
  await t.rejects(store.reserve(requestFor('one-too-many')), { message: 'range exhausted' })
  assertConsistent(t, dir, store)
})
