// CERT-009 with a Nebula that runs as its own user, which no lab has.

import t from 'tap'
import type { Facts } from '../../../../src/check/facts.ts'
import { keyModeItem } from '../../../../src/check/items/cert/key-mode.ts'
import { judgeItem, type JudgedFinding } from '../../../../src/check/judge.ts'
import { nebula } from '../fixtures/broken.ts'

function judged(
  key: { mode: number; uid: number },
  nebulaUid: number | undefined,
): JudgedFinding | undefined {
  const { own } = nebula()
  const state = nebula({
    own: nebulaUid === undefined || own === undefined ? undefined : { ...own, uid: nebulaUid },
  })
  const certificates = { key: { path: '/k', isThere: true, problem: undefined, matches: true, ...key } }
  return judgeItem(keyModeItem, {
    certificates: { value: certificates as Facts['certificates'] },
    nebula: { value: state },
  }).findings[0]
}

t.test('a key that Nebula reads as a user other than root is fine as it is', async (t) => {
  t.match(judged({ mode: 0o600, uid: 105 }, 105), { verdict: 'ok' })
  t.match(judged({ mode: 0o640, uid: 0 }, 105), { verdict: 'ok' }, 'through its group')
  t.match(judged({ mode: 0o600, uid: 0 }, undefined), { verdict: 'ok' })
})

t.test('the repair is offered if it fixes the fault and harms nothing', async (t) => {
  t.match(judged({ mode: 0o644, uid: 0 }, 0), {
    verdict: 'warn',
    fix: { kind: 'mode', undo: 'chmod 644 /k' },
  })
  t.match(judged({ mode: 0o644, uid: 0 }, undefined), { verdict: 'warn', fix: { kind: 'mode' } })
  for (const [key, user] of [
    [{ mode: 0o600, uid: 1000 }, 0],
    [{ mode: 0o644, uid: 1000 }, 0],
    [{ mode: 0o644, uid: 0 }, 105],
  ] as const) {
    const finding = judged(key, user)
    t.equal(finding?.verdict, 'warn')
    t.equal(finding?.fix, undefined, 'a mode alone would not help, or would keep Nebula from its key')
  }
  t.match(judged({ mode: 0o644, uid: 0 }, 105)?.next, [/^chown 105 /])
})
