// Lets a caller continue after a failure, to report everything that is wrong instead of the first fault.

import { CniError } from '../cni/error.ts'

/** Returns the action's result, or undefined if it failed with a CniError. */
type Attempt = <Result>(action: () => Result | Promise<Result>) => Promise<Result | undefined>

/** Makes an attempt that passes each failure to `onFailure`. Bugs propagate. */
export function attempting(onFailure: (error: CniError) => void): Attempt {
  return async (action) => {
    try {
      return await action()
    } catch (error) {
      if (!(error instanceof CniError)) throw error
      onFailure(error)
      return undefined
    }
  }
}
