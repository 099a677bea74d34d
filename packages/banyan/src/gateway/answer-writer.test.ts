import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, expect, test, vi } from 'vitest'
import { AnswerWriter } from './answer-writer.ts'

afterEach(() => vi.useRealTimers())

test('a client that was slow for the first two parts, and took them, may take its time with the rest', () => {
  vi.useFakeTimers()
  const response = Object.assign(new EventEmitter(), { writeHead: vi.fn(), write: () => false, destroy: vi.fn() })
  const flow = { pause: vi.fn(), resume: vi.fn() }
  const writer = new AnswerWriter({ headers: {} } as IncomingMessage, response as unknown as ServerResponse, false)
  writer.begin(200, [])
  // the first is held until there is more
  for (const part of ['one', 'two']) writer.data(Buffer.from(part), flow)
  response.emit('drain')
  vi.advanceTimersByTime(300_000)
  expect(response.destroy).not.toHaveBeenCalled()
  expect(flow.resume).toHaveBeenCalledTimes(1)
})
