// The steps from one CA to the next on the office machine alone: every kind of CA, a kill at each write, and
// what is refused.

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { run } from '../../../scripts/lab/run.ts'
import { whyNoLab } from '../../../scripts/lab/possible.ts'
import { caPool } from '../../../src/nebula/certificate/ca-pool.ts'
import { parseCertificates } from '../../../src/nebula/certificate/parse.ts'
import { hostCertificate } from '../../../src/nebula/hosts/host-certificate.ts'
import { parseLedger } from '../../../src/provision/office/ledger.ts'
import { lastStep } from '../../../src/provision/office/ca-steps.ts'
import { unixSeconds } from '../../../src/unix-time.ts'
import { whyNoHost } from '../../fixtures/host/cni.ts'
import { makeTestOffice } from '../../fixtures/office/office.ts'

const skip = whyNoHost() || whyNoLab()

type Office = Awaited<ReturnType<typeof makeTestOffice>>

interface Said {
  readonly step: number
  readonly outcome: string
  readonly ca: string
  readonly earlier: string
  readonly files: readonly string[]
}

async function rotate(office: Office, ...args: readonly string[]): Promise<Said> {
  const said = await office.cli(['ca', 'rotate', ...args, '--json'], { input: 'correct horse\n' })
  if (said.exitCode !== 0) throw new Error(said.stderr)
  return JSON.parse(said.stdout) as Said
}

const ledgerIn = (folder: string) =>
  parseLedger(readFileSync(join(folder, 'ledger.jsonl'), 'utf8'), 'ledger').entries

/** The newest certificate of a host, verified by the CAs that a new bundle holds. */
async function newBundle(
  office: Office,
  name: string,
): Promise<{ readonly cas: number; readonly by: string }> {
  const { file } = JSON.parse(
    (await office.cli(['host', 'add', name, '--plain', '--json'], { input: 'correct horse\n' })).stdout,
  ) as { readonly file: string }
  const { data } = JSON.parse(readFileSync(file, 'utf8')) as { readonly data: string }
  const contents = Buffer.from(data, 'base64').toString()
  const { ca, certificate } = JSON.parse(contents) as Record<'ca' | 'certificate', string>
  const pool = caPool(ca, 'bundle')
  const found = hostCertificate(certificate, pool, { now: unixSeconds(new Date()), source: name })
  return { cas: pool.authorities.size, by: found.certificate.issuer }
}

t.test('every kind of CA is replaced in three steps', { skip }, async (t) => {
  const kinds: readonly (readonly string[])[] = [
    ['--cert-version', '2', '--curve', 'P256'],
    ['--ipv6', '--encrypt-key'],
  ]
  for (const args of kinds) {
    const office = await makeTestOffice(t, { args, input: 'correct horse\ncorrect horse\n' })
    const name = args.join(' ')
    const first = await rotate(office)
    t.match(first, { step: 1, outcome: 'taken' }, name)
    t.same(await newBundle(office, 'host-a'), { cas: 2, by: first.earlier }, 'the earlier CA signs')
    t.match(await office.cli(['ca', 'rotate']), {
      exitCode: 1,
      stderr: /hosts cannot be asked from here[^]*flatnet-cni ca rotate --force/,
    })
    t.match(await rotate(office, '--force'), { step: 2, outcome: 'taken', ca: first.ca })
    t.same(await newBundle(office, 'host-b'), { cas: 2, by: first.ca }, 'the new CA signs')
    t.match(await rotate(office, '--force'), { step: 3, outcome: 'taken', ca: first.ca })
    t.same(await newBundle(office, 'host-c'), { cas: 1, by: first.ca }, 'the earlier CA is gone')
    t.match(await rotate(office, '--force'), { step: 3, outcome: 'over' }, 'no further one by accident')
    const second = await rotate(office, '--again', '--force', '--ca-days', '900')
    t.match(second, { step: 1, earlier: first.ca })
    const { stdout } = await office.cli(['ca', 'status', '--json'])
    const { authorities } = JSON.parse(stdout) as {
      readonly authorities: readonly { readonly state: string; readonly key: string }[]
    }
    t.same(
      authorities.map(({ state }) => state),
      ['retired', 'signs', 'introduced'],
    )
    t.ok(
      authorities.every(({ key }) => existsSync(key)),
      'every key is kept',
    )
  }
})

t.test('a step that was killed is completed', { skip }, async (t) => {
  const office = await makeTestOffice(t)
  await office.add('host-a')
  const whole = join(office.desk, 'whole')
  for (const step of ['introduce', 'sign', 'retire'] as const) {
    rmSync(whole, { recursive: true, force: true })
    await run(['cp', '-a', office.folder, whole])
    let kills = 0
    for (let nth = 1; ; nth += 1) {
      rmSync(office.folder, { recursive: true })
      await run(['cp', '-a', whole, office.folder])
      const inject = `inject=fsync:signal=SIGKILL:when=${String(nth)}`
      const trace = ['-f', '-qq', '-o', '/dev/null', '-e', 'trace=fsync', '-e', inject]
      const killed = await office.cli(['ca', 'rotate', '--force'], { prefix: ['strace', ...trace] })
      if (killed.exitCode === 0) break
      kills += 1
      if (lastStep(ledgerIn(office.folder))?.step === step) {
        const again = await office.cli(['ca', 'rotate', '--json'])
        // Everything was there already, or is now.
        t.match(
          again.stdout === '' ? again.stderr : again.stdout,
          /completed|over|cannot be asked/,
          `${step} ${String(nth)}`,
        )
      } else await rotate(office, '--force')
      const entries = ledgerIn(office.folder)
      t.equal(lastStep(entries)?.step, step, `${step}, killed at write ${String(nth)}`)
      const names = readdirSync(office.folder)
      t.equal(names.filter((name) => name.startsWith('ca-')).length, 1, 'no CA beside')
      t.notOk(
        names.find((name) => name.startsWith('.tmp') && existsSync(join(office.folder, name, 'ca.key'))),
        'no key beside',
      )
      t.ok(
        names.includes(
          { introduce: 'introduction', sign: 'renewal', retire: 'retirement' }[step] + '.statement',
        ),
      )
      const { ca = '' } = step === 'introduce' ? {} : { ca: lastStep(entries)?.fingerprint }
      const signed = entries.filter((entry) => entry.kind === 'sign')
      if (ca !== '')
        t.equal(signed.filter(({ certificate }) => issuerOf(certificate) === ca).length, 2, 'once each')
    }
    t.ok(kills > 3, `${step}: killed ${String(kills)} times`)
  }
})

function issuerOf(certificate: string): string {
  return parseCertificates(certificate, 'x')[0]?.issuer ?? ''
}

t.test('what cannot be done says so', { skip }, async (t) => {
  const office = await makeTestOffice(t, { args: ['--encrypt-key'], input: 'correct horse\n' })
  t.match(await office.cli(['ca', 'rotate'], { input: 'wrong horse!\n' }), {
    exitCode: 1,
    stderr: /passphrase/,
  })
  t.match(await office.cli(['ca', 'rotate', '--ca-days', '0'], { input: 'x\n' }), {
    exitCode: 2,
    stderr: /--ca-days/,
  })
  t.notOk(
    readdirSync(office.folder).find((name) => name.startsWith('ca-')),
    'no CA was made',
  )
  const both = await Promise.all([1, 2].map(() => office.cli(['ca', 'rotate'], { input: 'correct horse\n' })))
  t.same(
    both.map(({ exitCode }) => exitCode).toSorted((one, other) => one - other),
    [0, 1],
    'of two at a time, one takes the step',
  )
  t.equal(ledgerIn(office.folder).filter(({ kind }) => kind === 'ca').length, 1)
  const nowhere = await office.cli(['ca', 'status', '--office', '/nowhere'])
  t.match(nowhere, { exitCode: 1, stderr: /no office here/ })
})
