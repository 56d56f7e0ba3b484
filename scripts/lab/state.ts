// Where a lab keeps its files, so that another process can enter or remove it:
//
//   /run/flatnet-lab/<name>/            a separate tmpfs, removed with one umount
//     lab.json                          what the lab was made with, and its owner
//     host-a.json                       the process that holds host-a
//     host-a/                           host-a's disk (host/disk.ts)
//     pki/ lighthouse/                  the CA and the lighthouse's files, or its disk
import { mkdirSync } from 'node:fs'
import { readdir, readFile, rename, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { NebulaSeries } from './nebula/packages.ts'
import type { Podman5Suite } from './podman5/packages.ts'
import { isAlive, type ProcessMark } from './process.ts'
import { run } from './run.ts'

const LABS = '/run/flatnet-lab'

/** Hosts with podman 5 of a Debian suite in place of the machine's podman. */
export interface Podman5Hosts {
  readonly suite: Podman5Suite
  /** Their letters. */
  readonly hosts: readonly string[]
}

export interface LabRecord {
  readonly name: string
  readonly hosts: number
  readonly nebula: NebulaSeries
  readonly ipv6: boolean
  /** Whether the lighthouse has separate files and processes, like a host, so that it can run an agent. */
  readonly lighthouseAgent?: boolean
  readonly podman5?: Podman5Hosts
  /** The process that must live as long as the lab; null for a lab that stays. */
  readonly owner: ProcessMark | null
}

export function labFolder(name: string): string {
  return join(LABS, name)
}

/**
 * Makes the lab's folder in one atomic step, so that no other process can have it. @throws Error when it
 * exists
 */
export function takeName(name: string): void {
  mkdirSync(LABS, { recursive: true })
  try {
    mkdirSync(labFolder(name))
  } catch (error) {
    throw new Error(`lab ${name} exists: node scripts/lab/command/main.ts down --name ${name}`, {
      cause: error,
    })
  }
}

/** Gives the lab a file system, and writes its record. */
export async function prepareFolder(record: LabRecord): Promise<void> {
  await run(['mount', '-t', 'tmpfs', '-o', 'mode=0755', 'flatnet-lab', labFolder(record.name)])
  await writeRecord(record)
}

export async function writeRecord(record: LabRecord): Promise<void> {
  await writeJson(join(labFolder(record.name), 'lab.json'), record)
}

/** Reads a lab's record. @throws Error when there is no such lab */
export async function readRecord(name: string): Promise<LabRecord> {
  const record = await readJson<LabRecord>(join(labFolder(name), 'lab.json'))
  if (record === undefined)
    throw new Error(`there is no lab ${name}: node scripts/lab/command/main.ts up --name ${name}`)
  return record
}

export async function writeHolder(lab: string, host: string, mark: ProcessMark): Promise<void> {
  await writeJson(join(labFolder(lab), `${host}.json`), mark)
}

export async function readHolder(lab: string, host: string): Promise<ProcessMark | undefined> {
  return readJson<ProcessMark>(join(labFolder(lab), `${host}.json`))
}

export async function listLabs(): Promise<string[]> {
  return readdir(LABS).catch(() => [])
}

/** Returns labs whose owner has exited: leftovers of a test or demo that was killed. */
export async function listOrphans(): Promise<string[]> {
  const orphans: string[] = []
  for (const name of await listLabs()) {
    const owner = (await readJson<LabRecord>(join(labFolder(name), 'lab.json')))?.owner
    if (owner !== undefined && owner !== null && !(await isAlive(owner))) orphans.push(name)
  }
  return orphans
}

/** Removes the folder with everything in it. Does nothing if there is none. */
export async function removeFolder(name: string): Promise<void> {
  // Lazy, so that a process with its working directory in there does not keep the lab alive: umount(8),
  // --lazy.
  await run(['umount', '--lazy', labFolder(name)], { check: false })
  await rmdir(labFolder(name)).catch(ignoreMissing)
  await rmdir(LABS).catch(() => undefined)
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(`${path}.new`, `${JSON.stringify(value, undefined, 2)}\n`)
  await rename(`${path}.new`, path)
}

async function readJson<T>(path: string): Promise<T | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as T)
}
