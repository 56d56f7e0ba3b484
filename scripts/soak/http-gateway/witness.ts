// What the containers behind a fuzzed HTTP Gateway see: every request must be one that it sent on itself.

import type { RequestListener } from 'node:http'
import { echo } from '../../../test/fixtures/http-gateway/http.ts'

const OWN_ID = /^[0-9a-f]+-[0-9a-f]+-\d+$/

export class Witness {
  private faults: string[] = []
  private readonly seen = new Map<string, string>()

  /** A container that answers with what it was asked. */
  container(name: string): RequestListener {
    const answer = echo(name)
    return (asked, response) => {
      const { method = '', url = '', headers } = asked
      const what = `${name} sees ${method} ${url.slice(0, 200)} with ${JSON.stringify(headers).slice(0, 800)}`
      const fault = (reason: string): unknown => this.faults.push(`${reason}: ${what}`)
      const id = String(headers['x-request-id'])
      // Only the HTTP Gateway knows the next ID, so a request without one was hidden in another's body.
      if (!OWN_ID.test(id)) fault('a request that the HTTP Gateway did not send')
      const before = this.seen.get(id)
      // A kept connection may be closed while a request is on its way, which is then sent again.
      if (before !== undefined && before !== `${method} ${url}`) fault('two requests with one ID')
      this.seen.set(id, `${method} ${url}`)
      if (headers['x-forwarded-for'] !== '127.0.0.1') fault('a header of the client')
      for (const internal of ['x-flatnet-hop', 'x-flatnet-target', 'forwarded'])
        if (headers[internal] !== undefined) fault(`${internal} of the client`)
      if (headers.upgrade !== undefined && headers.upgrade !== 'websocket') fault('another protocol')
      answer(asked, response)
    }
  }

  trapped(address: string): void {
    this.faults.push(`a connection to ${address}, which no document allows`)
  }

  /** Returns the faults since the last call. */
  take(): readonly string[] {
    const found = this.faults
    this.faults = []
    this.seen.clear()
    return found
  }
}
