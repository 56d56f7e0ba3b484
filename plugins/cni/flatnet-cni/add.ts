// ADD: turns CNI's words into a request, and what was added into a result.

import { renderResult } from '../../../src/cni/result.ts'
import { parseRequest } from '../../../src/config/cni/request.ts'
import { addAttachment } from '../../../src/host/attachments/add.ts'
import type { Call } from '../call.ts'
import { describeResult } from './result.ts'

/** Serves ADD and returns the result's text. @throws CniError, with nothing left behind */
export async function cmdAdd({ environment, conf, now, log }: Call): Promise<string> {
  const added = await addAttachment(parseRequest(conf, environment), now, log)
  return renderResult(describeResult(added, conf.dns), conf.cniVersion, conf.prevResult)
}
