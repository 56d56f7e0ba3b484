// Runs inside one host's network namespace and starts there what is measured, so that entering the namespace is no
// part of any figure. One task at a time, over the IPC channel; it ends with its parent.

import { addChain, delChain, runProgram, since } from './chain.ts'
import { launchBeside } from './launch.ts'
import type { Answer, Task } from './task.ts'

async function serve(task: Task): Promise<Answer> {
  switch (task.task) {
    case 'program':
      return { whole: await runProgram(task), each: [] }
    case 'add':
      return { whole: await addChain(task.attachment), each: [] }
    case 'del':
      return { whole: await delChain(task.attachment, task.result), each: [] }
    case 'add together': {
      const started = process.hrtime.bigint()
      const each = await Promise.all(task.attachments.map((attachment) => addChain(attachment, launchBeside)))
      return { whole: { ms: since(started) }, each }
    }
  }
}

process.on('disconnect', () => process.exit(0))
process.on('message', (task: Task) => {
  void serve(task).then((answer) => process.send?.(answer))
})
// The parent waits for this word before it sends anything.
process.send?.('ready')
