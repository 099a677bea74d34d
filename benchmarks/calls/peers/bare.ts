import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { Contender } from '../contender.ts'
import { quote, type Enquiry, type Quote } from '../quote.ts'

const HEAD = 4

/** Length-prefixed JSON on one connection and a map of what is pending: what there would be without any framework. */
export const bare: Contender = {
  name: 'Bare framing',
  remarks: `by hand: frames of a length and JSON on one connection, all writes of a tick in one, a map of pending calls.
  No check of input or output, no deadline, no trace, no identity, no repeats, no errors, one callee only.
  The two sides work in turns, since no batch leaves early.`,
  async callee({ callee }) {
    const server = createServer((socket) => {
      const send = writer(socket)
      read(socket, (message) => {
        const { id, input } = message as { id: number; input: Enquiry }
        send({ id, output: quote(input) })
      })
    })
    server.listen(callee, '127.0.0.1')
    await once(server, 'listening')
    return { [Symbol.asyncDispose]: async () => void server.close() }
  },
  async caller({ callee }) {
    const socket = connect(callee, '127.0.0.1')
    await once(socket, 'connect')
    const send = writer(socket)
    const pending = new Map<number, (output: Quote) => void>()
    let last = 0
    read(socket, (message) => {
      const { id, output } = message as { id: number; output: Quote }
      pending.get(id)!(output)
      pending.delete(id)
    })
    return {
      call: (input) =>
        new Promise((resolve) => {
          pending.set(++last, resolve)
          send({ id: last, input })
        }),
      [Symbol.asyncDispose]: async () => void socket.destroy(),
    }
  },
}

/** Everything that is sent within a tick is written at once. */
function writer(socket: Socket): (message: object) => void {
  socket.setNoDelay(true)
  let waiting: Buffer[] = []
  const flush = () => {
    const frames = waiting
    waiting = []
    socket.write(frames.length === 1 ? frames[0]! : Buffer.concat(frames))
  }
  return (message) => {
    const text = JSON.stringify(message)
    const length = Buffer.byteLength(text)
    const frame = Buffer.allocUnsafe(HEAD + length)
    frame.writeUInt32BE(length)
    frame.write(text, HEAD)
    if (waiting.push(frame) === 1) process.nextTick(flush)
  }
}

function read(socket: Socket, heard: (message: unknown) => void): void {
  let rest: Buffer | undefined
  socket.on('data', (chunk: Buffer) => {
    const bytes = rest ? Buffer.concat([rest, chunk]) : chunk
    let at = 0
    while (at + HEAD <= bytes.length) {
      const end = at + HEAD + bytes.readUInt32BE(at)
      if (end > bytes.length) break
      heard(JSON.parse(bytes.toString('utf8', at + HEAD, end)))
      at = end
    }
    rest = at === bytes.length ? undefined : bytes.subarray(at)
  })
}
