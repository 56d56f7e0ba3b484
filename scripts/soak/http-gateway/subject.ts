// A real nginx with good documents of two hosts: what is damaged, and what must stay in use.

import { isDeepStrictEqual } from 'node:util'
import type { PatientScope } from '../../../test/fixtures/clean-up.ts'
import { hostDocument, SELF, type TestContainer } from '../../../test/fixtures/http-gateway/documents.ts'
import { echo, echoed, serve } from '../../../test/fixtures/http-gateway/http.ts'
import { startGateway, type TestGateway } from '../../../test/fixtures/http-gateway/nginx.ts'

/** What is pushed: paths below /v1. */
export type Target = 'self' | 'hosts/host-a' | 'texts/office'

export class Subject {
  readonly gateway: TestGateway
  /** Of both containers. */
  private readonly port: number
  private epoch = 1

  private constructor(gateway: TestGateway, port: number) {
    this.gateway = gateway
    this.port = port
  }

  static async start(scope: PatientScope): Promise<Subject> {
    const gateway = await startGateway(scope)
    const port = await serve(scope, '127.87.1.10', echo('web'))
    await serve(scope, '127.87.2.10', echo('shop'), port)
    const subject = new Subject(gateway, port)
    await subject.repair()
    return subject
  }

  /** The document as the agent would push it. */
  good(target: Target): Readonly<Record<string, unknown>> {
    if (target === 'self') return SELF
    if (target === 'texts/office') return { version: 1, hosts: [{ name: 'host-a' }] }
    const containers = [
      { names: ['web', 'www'], address: '127.87.1.10', port: this.port, ports: [this.port] },
    ]
    return hostDocument('host-a', containers, {
      epoch: this.epoch,
      gateway: '127.0.1.11:80',
      key: { id: '0123456789abcdef', secret: '0123456789abcdef'.repeat(4) },
    })
  }

  /** The document of the other host, which is never damaged by itself. */
  shop(): Readonly<Record<string, unknown>> {
    const containers = [{ names: ['shop'], address: '127.87.2.10', port: this.port, ports: [this.port] }]
    return hostDocument('host-b', containers, { epoch: this.epoch })
  }

  /** The file with the last state. */
  snapshot(): Readonly<Record<string, unknown>> {
    return { version: 1, self: SELF, hosts: [this.good('hosts/host-a'), this.shop()] }
  }

  /** Pushes every good document. @returns the faults */
  async repair(): Promise<readonly string[]> {
    this.epoch += 1
    const documents: Readonly<Record<string, unknown>> = {
      self: SELF,
      'hosts/host-a': this.good('hosts/host-a'),
      'hosts/host-b': this.shop(),
      'texts/office': this.good('texts/office'),
    }
    const faults: string[] = []
    for (const [path, document] of Object.entries(documents)) {
      // A damaged document may have the highest version that there is.
      if (path.startsWith('hosts/')) await this.gateway.push('DELETE', `/v1/${path}`)
      const { status, text } = await this.gateway.push('PUT', `/v1/${path}`, document)
      if (status !== 200) faults.push(`then the good ${path} is refused: ${text}`)
    }
    return faults
  }

  /** What nginx holds. */
  async held(): Promise<Held> {
    return JSON.parse((await this.gateway.push('GET', '/v1/hosts')).text) as Held
  }

  /** @returns a fault if nginx holds something else than before */
  async changedSince(before: Held): Promise<readonly string[]> {
    return isDeepStrictEqual(await this.held(), before) ? [] : ['refused, and yet the state has changed']
  }

  /** @returns a fault if an accepted document is not in use, or its container does not answer */
  async lostOf(target: Target, text: string): Promise<readonly string[]> {
    if (target === 'texts/office') return []
    const document = jsonOf(text)
    if (document === undefined) return ['accepted, and yet not JSON']
    const { self, hosts } = await this.held()
    if (target === 'self') return self === undefined ? ['accepted, and yet not held'] : []
    if (!('host-a' in hosts)) return ['accepted, and yet not held']
    const web = document.containers.find(({ names }) => names.includes('web'))
    if (web?.address !== '127.87.1.10' || web.port !== this.port) return []
    const answer = await this.gateway.ask('web.flatnet.internal')
    return answer.status === 200 ? [] : [`accepted, and yet web answers ${String(answer.status)}`]
  }

  /** @returns a fault for each container that does not answer */
  async silent(): Promise<readonly string[]> {
    const faults: string[] = []
    for (const name of ['web', 'shop']) {
      const answer = await this.gateway.ask(`${name}.flatnet.internal`)
      if (answer.status !== 200 || echoed(answer).name !== name)
        faults.push(`then ${name} answers ${String(answer.status)} ${answer.text.slice(0, 200)}`)
    }
    return faults
  }
}

interface Held {
  readonly hosts: Readonly<Record<string, string>>
  readonly self?: unknown
}

// lua-cjson also reads control characters inside strings (RFC 8259, section 7 forbids them). Names have none.
function jsonOf(text: string): { readonly containers: readonly TestContainer[] } | undefined {
  const whole = Buffer.from(text, 'latin1')
    .toString()
    .replaceAll(/\p{Cc}/gu, ' ')
  try {
    return JSON.parse(whole) as {
      readonly containers: readonly TestContainer[]
    }
  } catch {
    return undefined
  }
}
