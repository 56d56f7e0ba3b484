// Exposes a peer's phase as a state set: one series per phase, so that a graph can show each as a band.

import { PHASES, type Phase } from '../paths/escalation/state.ts'
import { type Registry, series, set } from './registry.ts'

/** Sets the peer's series of this phase to 1 and those of the other phases to 0. */
export function showPhase(registry: Registry, peer: string, phase: Phase): void {
  for (const state of PHASES)
    set(series(registry, 'flatnet_path_state', { peer, state }), state === phase ? 1 : 0)
}
