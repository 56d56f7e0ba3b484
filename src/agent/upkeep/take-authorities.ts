// Brings this host's CAs to what the statements say.

import { changeAuthorities, isChangeDue } from '../../host/nebula/change-authorities.ts'
import type { Log } from '../../log.ts'
import type { World } from '../world/world.ts'

/** Tells whether the CA file differs from what the statements say. @throws CniError */
export function areAuthoritiesDue({ settings, statements }: World): boolean {
  return isChangeDue(settings, statements.trust)
}

/** Changes the CA file. Returns whether it did. @throws CniError that names it */
export function takeAuthorities({ settings, statements }: World, log: Log): boolean {
  const { introduced, retired } = statements.trust
  if (!changeAuthorities(settings, statements.trust)) return false
  const what = [
    ...[...introduced.keys()].map((each) => `introduced ${each}`),
    ...[...retired].map((each) => `retired ${each}`),
  ]
  log('info', 'CAs changed', { file: settings.nebula.ca, what: what.join(', ') })
  return true
}
