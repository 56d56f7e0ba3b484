// Runs inside one host's network namespace and starts the measured processes there, so that no figure
// includes entering the namespace. Takes one task at a time over the IPC channel, and exits with its parent.

import { addChain, delChain, runProgram, since } from './chain.ts'
import { childrenCpuMs } from './cpu.ts'
import { launchBeside } from './launch.ts'
import type { Answer, Attachment, Task, Timing } from './task.ts'

type Served = { readonly whole: Timing; readonly each: readonly Timing[] }

async function measure(task: Task): Promise<Answer> {
  const before = childrenCpuMs()
  const { whole, each } = await serve(task)
  return { whole: { ...whole, cpuMs: childrenCpuMs() - before }, each }
}

async function serve(task: Task): Promise<Served> {
  switch (task.task) {
    case 'program':
      return { whole: await runProgram(task), each: [] }
    case 'add':
      return { whole: await addChain(task.attachment), each: [] }
    case 'del':
      return { whole: await delChain(task.attachment, task.result), each: [] }
    case 'add together':
      return together(task.attachments, (attachment) => addChain(attachment, launchBeside))
    case 'del together':
      return together(task.attachments, (attachment, index) =>
        delChain(attachment, task.results[index], launchBeside),
      )
  }
}

async function together(
  attachments: readonly Attachment[],
  act: (attachment: Attachment, index: number) => Promise<Timing>,
): Promise<Served> {
  const started = process.hrtime.bigint()
  const each = await Promise.all(attachments.map(act))
  return { whole: { ms: since(started) }, each }
}

process.on('disconnect', () => process.exit(0))
process.on('message', (task: Task) => {
  void measure(task).then((answer) => process.send?.(answer))
})
// The parent waits for this message before it sends anything.
process.send?.('ready')
