import { expect, test } from 'vitest'
import { inLanes } from './lanes.ts'

interface Job {
  readonly lane: string
  readonly name: string
}

/** Jobs that wait until they are told to end. */
function jobs(...names: string[]) {
  const gates = new Map(names.map((name) => [name, Promise.withResolvers<void>()]))
  const begun: string[] = []
  let read = 0
  async function* all(): AsyncGenerator<Job> {
    for (const name of names) {
      read++
      yield { lane: name[0]!, name }
    }
  }
  return {
    all: all(),
    begun,
    get read() {
      return read
    },
    end: (name: string) => gates.get(name)!.resolve(),
    fail: (name: string) => gates.get(name)!.reject(new Error(`${name} failed`)),
    work: async ({ name }: Job) => {
      begun.push(name)
      await gates.get(name)!.promise
    },
  }
}
const settle = () => new Promise((resolve) => setImmediate(resolve))
const never = new AbortController().signal

test('one after the other in a lane, side by side across lanes, and no more at once than allowed', async () => {
  const { all, begun, end, work } = jobs('a1', 'a2', 'b1', 'c1')
  const done = inLanes(all, { atOnce: 2, waiting: 10, stop: never }, work)
  await settle()
  expect(begun).toEqual(['a1', 'b1'])
  end('b1')
  await settle()
  expect(begun).toEqual(['a1', 'b1', 'c1'])
  end('a1')
  await settle()
  expect(begun).toEqual(['a1', 'b1', 'c1', 'a2'])
  for (const name of ['c1', 'a2']) end(name)
  await done
})

test('no more is read than can wait', async () => {
  const row = jobs('a1', 'a2', 'a3', 'a4', 'a5')
  const done = inLanes(row.all, { atOnce: 1, waiting: 2, stop: never }, row.work)
  await settle()
  expect(row.read).toBe(4)
  for (const name of ['a1', 'a2', 'a3', 'a4', 'a5']) row.end(name)
  await done
  expect(row.begun).toHaveLength(5)
})

test('after a failure nothing new begins, and what has begun is finished', async () => {
  const { all, begun, end, fail, work } = jobs('a1', 'b1', 'a2', 'b2')
  let over = false
  const done = inLanes(all, { atOnce: 2, waiting: 10, stop: never }, work).finally(() => (over = true))
  const outcome = done.catch((error: unknown) => error)
  await settle()
  fail('a1')
  await settle()
  expect([over, begun]).toEqual([false, ['a1', 'b1']])
  end('b1')
  expect(await outcome).toMatchObject({ message: 'a1 failed' })
})

test('it is stopped in order', async () => {
  const stop = new AbortController()
  const { all, begun, end, work } = jobs('a1', 'a2')
  const done = inLanes(all, { atOnce: 2, waiting: 10, stop: stop.signal }, work)
  await settle()
  stop.abort()
  end('a1')
  await done
  expect(begun).toEqual(['a1'])
})
