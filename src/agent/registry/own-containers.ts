// This host's containers as it tells them to others: looks at the records when they change, asks the runtimes
// for names, labels and ports of those that are new, and gives each change a version.

import { CniError, errorText } from '../../cni/error.ts'
import { attachmentText, listContainers, listRecorded } from '../../host/attachments/containers.ts'
import type { HostState, StateVersion } from '../../registry/host-state.ts'
import { firstEpoch, nextState, outrun, tellable } from '../../registry/own-state.ts'
import { watchRecords } from '../../state/addresses/watch-records.ts'
import { readOwnEpoch, writeOwnEpoch } from '../../state/agent/registry-files.ts'
import type { ContainerView } from '../../views/containers.ts'
import { debounce } from '../upkeep/debounce.ts'
import type { World } from '../world/world.ts'
import { attempt, type Complain } from './complaints.ts'

export interface OwnContainers {
  readonly state: () => HostState
  /** Containers that are not told, with the reason. */
  readonly untold: () => readonly string[]
  /** Raises the version above one that another host holds of this one. */
  readonly outrun: (held: StateVersion) => void
  /** Whether the runtimes have been asked for names and labels, or there is nothing to ask for. */
  readonly isComplete: () => boolean
  /** Something that is told along with them has changed. */
  readonly look: () => void
  readonly stop: () => void
}

interface OwnOptions {
  readonly world: () => Pick<World, 'settings' | 'identity'>
  readonly complain: Complain
  /** Where other hosts reach this host's HTTP Gateway; undefined if it has none. */
  readonly httpGateway: () => string | undefined
  /** The state has another version. */
  readonly onChange: () => void
}

// One ADD writes its record twice, and a file and its link are two events.
const GATHER_MS = 20
// In case a notice of the kernel was missed.
const LOOK_MS = 30_000
// Names, labels and troubles with ports change without a change of the records. Asking a runtime is dear.
const ASK_MS = 300_000
// Between two questions to the runtimes while containers start one after another.
const REST_MS = 1000

/** Starts with a look. Never throws: errors are logged, and the last state stays. */
export function startOwnContainers({ world, complain, httpGateway, onChange }: OwnOptions): OwnContainers {
  const { dataDir, stateDir } = world().settings
  let state: HostState = { epoch: firstEpoch(readOwnEpoch(dataDir), Date.now()), sequence: 0, containers: [] }
  let untold: readonly string[] = []
  let told: ReadonlyMap<string, ContainerView> = new Map()
  let isStopped = false
  let isComplete = false
  saveEpoch(dataDir, state, complain)

  const look = (): void => {
    if (isStopped) return
    attempt(complain, 'containers not looked at', () => {
      const { identity } = world()
      const recorded = listRecorded(stateDir, identity.name)
      const containers = recorded.map((each) => withTold(each, told.get(attachmentText(each))))
      const telling = tellable(containers, identity.subnets)
      for (const reason of telling.untold) complain('container not told to other hosts', reason)
      untold = telling.untold
      const next = nextState(state, telling.entries, httpGateway())
      if (recorded.some((each) => each.state === 'up' && !told.has(attachmentText(each)))) void ask()
      else isComplete = true
      if (next === state) return
      state = next
      onChange()
    })
  }

  // One question at a time, with a rest after each; what is new by then is asked for in the next one.
  let asking = false
  const ask = async (): Promise<void> => {
    if (asking || isStopped) return
    asking = true
    let restMs = REST_MS
    try {
      const { containers } = await listContainers(stateDir, world().identity.name)
      told = new Map(containers.map((each) => [attachmentText(each), each]))
    } catch (error) {
      if (!(error instanceof CniError)) throw error
      complain('runtimes not asked', errorText(error))
      restMs = LOOK_MS
    }
    isComplete = true
    look()
    setTimeout(() => {
      asking = false
      look()
    }, restMs).unref()
  }

  const changed = debounce(GATHER_MS, look)
  const watching = watchRecords(stateDir, changed)
  const lookThoroughly = (): void => {
    attempt(complain, 'containers not watched', watching.renew)
    look()
  }
  const rounds = [setInterval(lookThoroughly, LOOK_MS), setInterval(() => void ask(), ASK_MS)]
  lookThoroughly()

  return {
    state: () => state,
    untold: () => untold,
    outrun: (held) => {
      const next = outrun(state, held)
      if (next === state) return
      state = next
      saveEpoch(dataDir, state, complain)
      onChange()
    },
    isComplete: () => isComplete,
    look,
    stop: () => {
      isStopped = true
      for (const round of rounds) clearInterval(round)
      watching.stop()
    },
  }
}

// The record has the last word on what it knows; the runtime adds to it.
function withTold(recorded: ContainerView, told: ContainerView | undefined): ContainerView {
  if (told === undefined) return recorded
  const { names, ports, exposed, labels } = told
  return { ...recorded, names, ports, ...(exposed && { exposed }), ...(labels && { labels }) }
}

function saveEpoch(dataDir: string, { epoch }: StateVersion, complain: Complain): void {
  attempt(complain, 'epoch of the registry not written', () => writeOwnEpoch(dataDir, epoch))
}
