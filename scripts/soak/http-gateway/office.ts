// A real nginx in front of one container, for what takes long.

import type { RequestListener } from 'node:http'
import type { Server } from 'node:net'
import type { PatientScope } from '../../../test/fixtures/clean-up.ts'
import { hostDocument, SELF } from '../../../test/fixtures/http-gateway/documents.ts'
import { serve } from '../../../test/fixtures/http-gateway/http.ts'
import { startGateway, type TestGateway } from '../../../test/fixtures/http-gateway/nginx.ts'

export const HOST = 'web.flatnet.internal'
export const CONTAINER = '127.87.1.10'

export interface Office {
  readonly gateway: TestGateway
  /** Of the container. */
  readonly port: number
  /** Pushes what this host has next: the container, with a neighbour or not, or nothing. */
  readonly change: (has: 'container' | 'neighbour' | 'nothing') => Promise<void>
}

/** Starts both. */
export async function openOffice(
  scope: PatientScope,
  container: RequestListener | Server,
  workers = 1,
): Promise<Office> {
  const gateway = await startGateway(scope, { workers })
  const port = await serve(scope, CONTAINER, container)
  await gateway.push('PUT', '/v1/self', SELF)
  let seq = 0
  const web = { names: ['web'], address: CONTAINER, port, ports: [port] }
  const neighbour = { names: ['neighbour'], address: CONTAINER, ports: [port] }
  const change: Office['change'] = async (has) => {
    seq += 1
    const containers = { nothing: [], container: [web], neighbour: [web, neighbour] }[has]
    const document = hostDocument('host-a', containers, { seq })
    const { status, text } = await gateway.push('PUT', '/v1/hosts/host-a', document)
    if (status !== 200) throw new Error(`a good document is refused: ${text}`)
  }
  await change('container')
  return { gateway, port, change }
}
