import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { BanyanError, type ErrorCode } from '../kernel/errors.ts'

/** What is known of an app before its services are imported. */
export interface Outline {
  readonly app: string
  /** The services of each unit of the topology. */
  readonly units: Readonly<Record<string, readonly string[]>>
  /** How many processes each unit has. */
  readonly replicas: Readonly<Record<string, number>>
  /** `undefined`: the embedded server. */
  readonly database: string | undefined
}

/** What the worker answers: errors lose their class on the way. */
export type Outlined = { readonly outline: Outline } | { readonly failure: { readonly code: ErrorCode | undefined; readonly text: string } }
export interface OutlineOrder {
  readonly file: string
  readonly topology: string
}

/**
 * Reads a configuration file as it is now: in a thread of its own, since a module that was imported once stays as it was. Throws what
 * importing it throws.
 */
export async function outlineOf(order: OutlineOrder): Promise<Outline> {
  const self = fileURLToPath(import.meta.url)
  const worker = new Worker(self.replace(/outline\.([jt]s)$/, 'outline-worker.$1'), { workerData: order })
  try {
    const answer = await new Promise<Outlined>((resolve, reject) => worker.once('message', resolve).once('error', reject))
    if ('outline' in answer) return answer.outline
    const { code, text } = answer.failure
    // the stack is that of the thread
    throw code === undefined ? Object.assign(new Error(text), { stack: text }) : new BanyanError(code, text)
  } finally {
    await worker.terminate()
  }
}
