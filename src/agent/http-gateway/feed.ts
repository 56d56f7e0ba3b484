// Keeps the HTTP Gateway of this host informed: pushes what has changed, leaves it on disk for nginx's next
// start, and starts an nginx that has ended where no systemd does.

import { createHash } from 'node:crypto'
import { CniError, errorText } from '../../cni/error.ts'
import {
  type Ledger,
  newLedger,
  outrun,
  snapshotText,
  stampDocuments,
  whatToPush,
} from '../../http-gateway/ledger.ts'
import { readMark } from '../../host/http-gateway/mark.ts'
import { isNginxPath } from '../../host/http-gateway/nginx.ts'
import { gatewayPlaces } from '../../host/http-gateway/places.ts'
import { askGateway } from '../../host/http-gateway/push-client.ts'
import { isSystemdRunning, masterPid, startDirectly } from '../../host/http-gateway/service.ts'
import { readHeld } from '../../host/http-gateway/held.ts'
import type { Log } from '../../log.ts'
import { makeFolder, replaceFile } from '../../state/files/atomic.ts'
import { debounce } from '../upkeep/debounce.ts'
import type { World } from '../world/world.ts'
import type { Telling } from './known-hosts.ts'

export interface GatewayFeed {
  /** Begins to push. Before the peers are known, nginx would be told that there are none. */
  readonly begin: () => void
  /** Something that goes into the documents may have changed. */
  readonly changed: () => void
  /** Why the HTTP Gateway could not be told; undefined if it could, or none is installed. */
  readonly problem: () => string | undefined
  readonly stop: () => void
}

interface FeedParts {
  readonly world: () => Pick<World, 'settings'>
  readonly telling: () => Telling
  /** Whether enough is known to tell: until then nginx goes on with what it has. */
  readonly isReady: () => boolean
  /** Called in every round, before the documents are made. */
  readonly lookAround: () => Promise<void>
  readonly log: Log
}

// nginx may have been started again, without what was pushed last.
const EVERY_MS = 5000
const GATHER_MS = 20

export function startFeed({ world, telling, isReady, lookAround, log }: FeedParts): GatewayFeed {
  let ledger = newLedger(Date.now())
  let written: string | undefined
  let problem: string | undefined
  let isRunning = false

  const turn = async (): Promise<void> => {
    await lookAround()
    const mark = readMark()
    if (mark === undefined || !isReady()) return
    const places = gatewayPlaces(world().settings)
    const { documents, texts } = telling()
    ledger = stampDocuments(ledger, documents)
    written = keepOnDisk(ledger, places.snapshot, written)
    if (!isSystemdRunning() && masterPid(places) === undefined && isNginxPath(mark.program)) {
      await startDirectly(mark.program, places)
      log('info', 'nginx started', { what: mark.program })
    }
    ledger = await pushAll(ledger, texts, places.pushSocket)
  }
  const attempt = async (): Promise<void> => {
    try {
      await turn()
      problem = undefined
    } catch (error) {
      if (!(error instanceof CniError)) throw error
      const said = errorText(error)
      if (said !== problem) log('warn', 'HTTP Gateway not told', { error: said })
      problem = said
    }
  }
  const run = inTurn(attempt)
  const soon = debounce(GATHER_MS, () => {
    if (isRunning) run()
  })
  let timer: NodeJS.Timeout | undefined
  return {
    begin: () => {
      isRunning = true
      timer = setInterval(run, EVERY_MS)
      run()
    },
    changed: soon,
    problem: () => problem,
    stop: () => {
      isRunning = false
      clearInterval(timer)
    },
  }
}

// Calls meanwhile are served by one more run at the end.
function inTurn(work: () => Promise<void>): () => void {
  let isBusy = false
  let isWanted = false
  return function run(): void {
    if (isBusy) {
      isWanted = true
      return
    }
    isBusy = true
    void work().finally(() => {
      isBusy = false
      if (!isWanted) return
      isWanted = false
      run()
    })
  }
}

function keepOnDisk(ledger: Ledger, path: string, written: string | undefined): string | undefined {
  const text = snapshotText(ledger)
  if (text === undefined || text === written) return written
  makeFolder(path.slice(0, path.lastIndexOf('/')))
  replaceFile(path, text, true)
  return text
}

async function pushAll(stamped: Ledger, texts: Telling['texts'], socket: string): Promise<Ledger> {
  const held = readHeld(await askGateway(socket, 'GET', '/v1/hosts'))
  const ledger = outrun(stamped, held.hosts)
  const { self, put, remove } = whatToPush(ledger, held)
  if (self) await askGateway(socket, 'PUT', '/v1/self', JSON.stringify(ledger.self))
  for (const document of put)
    await askGateway(socket, 'PUT', `/v1/hosts/${document.host}`, JSON.stringify(document))
  for (const host of remove) await askGateway(socket, 'DELETE', `/v1/hosts/${host}`)
  for (const [name, text] of texts)
    if (held.texts.get(name) !== digestOf(text)) await askGateway(socket, 'PUT', `/v1/texts/${name}`, text)
  return ledger
}

// As nginx's Lua makes it, to compare: md5 protects nothing here.
function digestOf(text: string): string {
  return createHash('md5').update(text).digest('hex')
}
