import type { Place } from './place.ts'
import type { HostPlan } from '../topology.ts'

/** A stand-in for WSL2, the Windows in front of it, and its numbers. */
export interface LabHost extends Place {
  readonly plan: HostPlan
  readonly windows: Place
  /** The folder with this host's files, as seen from outside: `<files>/own/etc/flatnet` and so on. */
  readonly files: string
}
