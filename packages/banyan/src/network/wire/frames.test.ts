import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FrameReader, type ReadLimits } from './frame-reader.ts'
import { FrameWriter } from './frame-writer.ts'
import { FRAME_TEXT_BYTES, HEAD_BYTES, Kind, UNFINISHED } from './frame.ts'

type Message = readonly [kind: Kind, number: number, text: string]

const limits: ReadLimits = { messageBytes: 1_000_000, unfinishedBytes: 2_000_000 }

/** What is sent of these messages, by a network that takes everything; `idle`: at once. */
function written(messages: readonly Message[], idle = false): Buffer {
  const sent: Buffer[] = []
  const writer = new FrameWriter({ write: (bytes) => sent.push(idle ? Buffer.from(bytes) : bytes) > 0, idle })
  for (const message of messages) writer.add(...message)
  writer.flush()
  return Buffer.concat(sent)
}

function read(chunks: Iterable<Buffer>, most: ReadLimits = limits): Message[] {
  const messages: Message[] = []
  const reader = new FrameReader(most, (...message) => messages.push(message))
  for (const chunk of chunks) reader.push(chunk)
  return messages
}

function frame(kind: number, number: number, text: string | Buffer): Buffer {
  const bytes = Buffer.alloc(HEAD_BYTES)
  bytes.writeUInt32BE(text.length + 5)
  bytes[4] = kind
  bytes.writeUInt32BE(number, 5)
  return Buffer.concat([bytes, Buffer.from(text)])
}

const kinds = Object.values(Kind).filter((kind) => kind !== Kind.more)
const texts = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.integer({ min: 1, max: 200_000 }).map((length) => 'é'.repeat(length)),
  fc.integer({ min: 21_000, max: 23_000 }).map((length) => 'a'.repeat(length)),
)

test('messages of any length arrive in order, however the network cuts them up', () => {
  const property = fc.property(
    fc.array(fc.tuple(fc.constantFrom(...kinds), texts), { maxLength: 20 }),
    fc.array(fc.integer({ min: 1, max: 100_000 })),
    fc.boolean(),
    (said, cuts, idle) => {
      const messages = said.map(([kind, text], number): Message => [kind, number, text])
      let bytes = written(messages, idle)
      const chunks = cuts.map((length) => {
        const chunk = bytes.subarray(0, length)
        bytes = bytes.subarray(length)
        return chunk
      })
      expect(read([...chunks, bytes])).toEqual(messages)
    },
  )
  fc.assert(property, { numRuns: 50 })
})

test('while the network is full, a long message goes on with what it takes, and short ones find room', () => {
  const sent: Buffer[] = []
  const writer = new FrameWriter({ write: (bytes) => sent.push(bytes) === 0, idle: false })
  const long = 'x'.repeat(FRAME_TEXT_BYTES * 5)
  writer.add(Kind.answer, 1, long)
  writer.add(Kind.answer, 2, 'short')
  writer.flush()
  expect(writer.waiting).toBe(FRAME_TEXT_BYTES * 4)
  expect(read(sent)).toEqual([[Kind.answer, 2, 'short']])
  while (writer.waiting > 0) writer.drained()
  expect(read(sent)).toEqual([
    [Kind.answer, 2, 'short'],
    [Kind.answer, 1, long],
  ])
})

test('the messages of one turn leave together, before the event loop turns', async () => {
  const sent: Buffer[] = []
  const writer = new FrameWriter({ write: (bytes) => sent.push(bytes) > 0, idle: false })
  writer.add(Kind.call, 1, 'a')
  writer.add(Kind.call, 2, 'b')
  expect([sent.length, writer.batch]).toEqual([0, 0])
  await new Promise((resolve) => setImmediate(resolve))
  expect([sent.length, writer.batch]).toEqual([1, 1])
})

test.each([
  ['a frame longer than any', Buffer.from([0x7f, 0xff, 0xff, 0xff, 3, 0, 0, 0, 1]), /the longest has 65536/],
  ['a frame without room for its head', Buffer.from([0, 0, 0, 4, 3, 0, 0, 0, 1]), /a frame of -1 bytes/],
  ['a kind that there is not', frame(11, 1, ''), /a frame of kind 11; there are 1 to 10/],
  ['no kind', frame(0, 1, ''), /a frame of kind 0/],
  ['more of nothing', frame(Kind.more, 9, 'x'), /more of message 9, which has not begun/],
  ['two beginnings', Buffer.concat([frame(Kind.call | UNFINISHED, 9, 'x'), frame(Kind.call | UNFINISHED, 9, 'x')]), /message 9 begins twice/],
  ['bytes that are no text', frame(Kind.call, 9, Buffer.from([0xff, 0xfe])), /message 9 is not UTF-8/],
])('%s is a fault', (_what, bytes, message) => {
  expect(() => read([bytes])).toThrow(expect.objectContaining({ name: 'WireFault', message: expect.stringMatching(message) }))
})

test('the mark that stands for broken text may be said', () => {
  expect(read([written([[Kind.call, 1, 'a \u{FFFD} b']])])).toEqual([[Kind.call, 1, 'a \u{FFFD} b']])
})

test('what long messages may keep is bounded, one by one and together', () => {
  const begun = (number: number) => frame(Kind.call | UNFINISHED, number, 'x'.repeat(60_000))
  expect(() => read([begun(1), frame(Kind.more | UNFINISHED, 1, 'x'.repeat(60_000))], { messageBytes: 100_000, unfinishedBytes: 1_000_000 })).toThrow(
    'a message of more than 100000 bytes',
  )
  expect(() => read([begun(1), begun(2)], { messageBytes: 100_000, unfinishedBytes: 100_000 })).toThrow(
    'messages of more than 100000 bytes, none of them whole',
  )
})
