import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** A process that is sent questions and answers them one by one; a benchmark keeps its contenders apart in such. */
export interface ContenderProcess extends AsyncDisposable {
  ask(question: object): Promise<unknown>
}

/** Starts a module as a process of its own, which says `ready` once it may be asked. Rejects if it ends before. */
export async function contenderProcess(module: string, argument: string): Promise<ContenderProcess> {
  const child = fork(module, [argument])
  await answer(child, argument)
  return {
    ask(question) {
      child.send(question)
      return answer(child, argument)
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return
      const exit = once(child, 'exit')
      child.disconnect()
      await exit
    },
  }
}

/** In the process itself: says that it is ready, answers questions, and ends when its parent does or disconnects. */
export function answerParent(reply: (question: never) => Promise<unknown>, close: () => PromiseLike<void>): void {
  process.on('message', async (question) => process.send!(await reply(question as never)))
  process.once('disconnect', async () => {
    await close()
    process.exit()
  })
  process.send!('ready')
}

function answer(child: ChildProcess, name: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const failed = (code: number | null) => reject(new Error(`the process of ${name} ended with ${code}`))
    child.once('exit', failed)
    child.once('message', (message) => {
      child.off('exit', failed)
      resolve(message)
    })
  })
}
