import t from 'tap'
import { planSteps } from '../../../../src/provision/host/plan-steps.ts'
import type { Change, Found, Wanted } from '../../../../src/provision/host/step.ts'

const FILE: Wanted = {
  kind: 'file',
  path: '/f',
  mode: 0o600,
  what: '',
  content: { text: 'x', sha256: 'new' },
}
const LINK: Wanted = { kind: 'link', path: '/l', target: '/new', what: '' }
const FOLDER: Wanted = { kind: 'folder', path: '/d', mode: 0o700, what: '' }

t.test('only what differs is changed', async (t) => {
  const cases: readonly (readonly [wanted: Wanted, found: Found | undefined, change: Change])[] = [
    [FILE, undefined, 'create'],
    [FILE, { kind: 'absent' }, 'create'],
    [FILE, { kind: 'file', mode: 0o600, sha256: 'new' }, 'keep'],
    [FILE, { kind: 'file', mode: 0o644, sha256: 'new' }, 'mode'],
    [FILE, { kind: 'file', mode: 0o600, sha256: 'old' }, 'replace'],
    [FILE, { kind: 'link', target: '/x' }, 'replace'],
    [LINK, { kind: 'link', target: '/new' }, 'keep'],
    [LINK, { kind: 'link', target: '/old' }, 'replace'],
    [LINK, { kind: 'file', mode: 0o755, sha256: 'old' }, 'replace'],
    [FOLDER, undefined, 'create'],
    [FOLDER, { kind: 'folder', mode: 0o755 }, 'keep'],
  ]
  for (const [wanted, found, change] of cases) {
    const map = new Map(found === undefined ? [] : [[wanted.path, found]])
    t.match(planSteps([wanted], map), [{ change }], `${wanted.kind} over ${String(found?.kind)}`)
  }
})

t.test('what no step replaces stops the plan', async (t) => {
  const cases: readonly (readonly [wanted: Wanted, found: Found, says: RegExp])[] = [
    [FILE, { kind: 'folder', mode: 0o755 }, /\/f: needs a file, but a folder is there/],
    [LINK, { kind: 'other' }, /\/l: needs a link, but a device or pipe is there/],
    [FOLDER, { kind: 'file', mode: 0o644, sha256: '' }, /\/d: needs a folder, but a file is there/],
  ]
  for (const [wanted, found, says] of cases)
    t.throws(() => planSteps([wanted], new Map([[wanted.path, found]])), { name: 'CniError', details: says })
})
