import { SupervisedProcess, type Observer, type Task } from './supervised-process.ts'

/** The processes of a topology: started together, kept alive, stopped together. */
export class Supervisor {
  #processes: readonly SupervisedProcess[] = []
  readonly #observer: Observer

  constructor(observer: Observer) {
    this.#observer = observer
  }

  /** Starts one process for each task; those of before must have been stopped. */
  start(tasks: readonly Task[]): void {
    this.#processes = tasks.map((task) => new SupervisedProcess(task, this.#observer))
    for (const process of this.#processes) process.start()
  }

  /** Lets all finish; answers the names of those that had to be killed because they took longer than `graceMs`. */
  async stop(graceMs: number): Promise<readonly string[]> {
    const stopping = this.#processes
    const finished = await Promise.all(stopping.map((process) => process.stop(graceMs)))
    return stopping.filter((_process, index) => !finished[index]).map(({ task }) => task.name)
  }
}
