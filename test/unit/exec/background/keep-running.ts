import t from 'tap'

import { keepRunning } from '../../../../src/exec/background/keep-running.ts'
import { type Background, startBackground } from '../../../../src/exec/background/start.ts'

// The pauses do not keep this process alive.
const alive = setInterval(() => undefined, 1000)
t.teardown(() => clearInterval(alive))

t.test('a program that exits is started again until it is stopped', async (t) => {
  const seen: string[] = []
  let program: Background | undefined
  let again = (): void => undefined
  const restarted = new Promise<void>((resolve) => (again = resolve))
  const stop = await keepRunning({
    start: async () => {
      // The first run ends on its own.
      const script = seen.length === 0 ? 'exit 0' : 'exec sleep 600'
      seen.push('start')
      return (program = startBackground({ file: 'sh', args: ['-c', script] }))
    },
    end: () => {
      seen.push('end')
      program?.kill()
    },
    firstPauseMs: 5,
    onEnd: () => seen.push('ended'),
    onRestart: () => {
      seen.push('restarted')
      again()
    },
  })
  t.same(seen.slice(0, 1), ['start'], 'runs when the promise resolves')
  await restarted
  t.same(seen, ['start', 'ended', 'start', 'restarted'])
  stop()
  await program?.ended
  await new Promise((resolve) => setTimeout(resolve, 50))
  t.same(seen.slice(4), ['end'], 'no pause follows, and no further start')
})

t.test('it is not started again if it is stopped during a pause', async (t) => {
  let starts = 0
  let ended = (): void => undefined
  const over = new Promise<void>((resolve) => (ended = resolve))
  const stop = await keepRunning({
    start: async () => {
      starts += 1
      return startBackground({ file: 'sh', args: ['-c', 'exit 0'] })
    },
    end: () => undefined,
    firstPauseMs: 200,
    onEnd: ended,
  })
  await over
  stop()
  await new Promise((resolve) => setTimeout(resolve, 400))
  t.equal(starts, 1)
})
