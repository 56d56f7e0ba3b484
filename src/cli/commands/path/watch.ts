// `flatnet-cni path [PEER] --watch`: prints each transition as it happens, until the agent exits or Ctrl-C.

import { followAgent } from '../../../api/client.ts'
import type { TransitionView } from '../../../views/paths.ts'
import { CniCode, CniError } from '../../../cni/error.ts'
import type { Answer } from '../../command.ts'
import { findPeer, type Named } from '../../../route/find-peer.ts'
import { transitionLine } from '../../text/path-words.ts'
import type { PeerPaths } from '../../peer-paths.ts'
import type { Terminal } from '../../terminal.ts'

/**
 * Follows the agent's events, those of one peer if one is named.
 * @throws CniError AgentUnreachable when the agent exits
 */
export async function watchPaths(
  runDir: string,
  paths: PeerPaths,
  wanted: string | undefined,
  terminal: Terminal,
): Promise<Answer> {
  if (paths.source === 'kernel') throw paths.why
  const only = wanted === undefined ? undefined : findPeer(paths.peers, wanted)
  terminal.progress('waiting for changes; Ctrl-C to stop')
  for await (const event of followAgent(runDir, '/v1/events', { signal: terminal.gone })) {
    const transition = event as TransitionView
    if (only !== undefined && !isOf(transition, only)) continue
    terminal.emit(
      { version: 1, ...transition },
      () => `${transition.peer} ${transitionLine(transition, new Date())}\n`,
    )
    terminal.progress('waiting for changes; Ctrl-C to stop')
  }
  if (!terminal.gone.aborted)
    throw new CniError(
      CniCode.AgentUnreachable,
      'the agent has stopped',
      'no more updates; run flatnet-cni status for the current state',
    )
  return { data: {}, render: () => '', isSilent: true }
}

// Names may be ambiguous, addresses are not.
function isOf({ peer, overlay }: TransitionView, { name, overlay: own }: Named): boolean {
  return overlay === undefined ? peer === name : overlay === own[0]
}
