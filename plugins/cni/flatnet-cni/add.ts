// ADD: turns CNI's words into a request, and what was added into a result.

import { renderResult, type ResultDns } from '../../../src/cni/result.ts'
import { parseRequest } from '../../../src/config/cni/request.ts'
import { type Added, addAttachment } from '../../../src/host/attachments/add.ts'
import type { Call } from '../call.ts'
import { describeResult } from './result.ts'

/** Serves ADD and returns the result's text. @throws CniError, with nothing left behind */
export async function cmdAdd({ environment, conf, now, log }: Call): Promise<string> {
  const added = await addAttachment(parseRequest(conf, environment), now, log)
  return renderResult(describeResult(added, dnsOf(added, conf)), conf.cniVersion, conf.prevResult)
}

// What a configuration or an earlier plugin says goes first. podman puts what its user says before all of
// them.
function dnsOf({ names }: Added, { dns, prevResult }: Call['conf']): ResultDns {
  const isSaid = [dns, prevResult?.dns ?? {}].some((each) => Object.keys(each).length > 0)
  // podman 4 adds the host's search domains by itself.
  return isSaid || names === undefined
    ? dns
    : { nameservers: names.servers, search: names.search.slice(0, 1) }
}
