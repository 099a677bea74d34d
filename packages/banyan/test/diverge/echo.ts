import { inspect } from 'node:util'
import { z } from 'zod'
import { app, command, contract, event, implement, query } from '../../src/index.ts'

const Text = z.object({ text: z.string() })

/** A service in which one can see what arrived, and how often. */
export const echo = contract('echo', {
  hear: query({ input: z.object({ value: z.unknown() }), output: z.object({ heard: z.string() }) }),
  /** Answers once the gate is open. */
  wait: query({ input: z.object({ call: z.int() }), output: z.int() }),
  fail: query({}),
  note: command({ input: Text, output: Text }),
  confide: command({ input: Text, output: Text, secret: true }),
  Noted: event(Text),
})
/** Whoever asks it: the first unit of `split`, in which a test stands. */
const asker = contract('asker', { ask: query({}) })

/** What handlers did outside the database, and what they wait for. */
interface Memory {
  readonly texts: string[]
  readonly calls: number[]
  readonly gate: PromiseWithResolvers<void>
}
const fresh = (): Memory => ({ texts: [], calls: [], gate: Promise.withResolvers() })
export let memory: Memory = fresh()
export function forget(): void {
  memory = fresh()
}

const echoService = implement(echo).service({
  handlers: {
    hear: ({ value }) => ({ heard: inspect(value, { compact: true, breakLength: Infinity }) }),
    wait: async ({ call }) => {
      memory.calls.push(call)
      await memory.gate.promise
      return call
    },
    fail: () => {
      throw new TypeError('a slip of the pen')
    },
    note: ({ text }, { transact }) => {
      memory.texts.push(text)
      return transact((tx) => {
        tx.emit(echo.Noted({ text }), { key: text })
        return { text }
      })
    },
    confide: ({ text }, { transact }) =>
      transact((tx) => {
        tx.emit(echo.Noted({ text: 'a secret' }), { key: text })
        return { text }
      }),
  },
})
const askerService = implement(asker, { uses: { echo } }).service({ handlers: { ask: () => undefined } })

export default app('echo', {
  services: { asker: async () => ({ default: askerService }), echo: async () => ({ default: echoService }) },
})
