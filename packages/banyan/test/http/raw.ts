import { connect, type Socket } from 'node:net'

/** A connection on which anything can be written, and all that came back read. */
export interface RawConnection {
  readonly socket: Socket
  /** Everything received so far. */
  text(): string
  /** Everything received, once the other side has closed. */
  readonly closed: Promise<string>
}

export async function open(port: number): Promise<RawConnection> {
  const socket = connect(port, '127.0.0.1')
  let received = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk) => (received += String(chunk)))
  const closed = new Promise<string>((resolve) => {
    socket.on('error', () => undefined) // a reset ends the connection too; what came before it counts
    socket.on('close', () => resolve(received))
  })
  await new Promise((resolve) => socket.once('connect', resolve))
  return { socket, text: () => received, closed }
}

/** Writes one request and gives all that came back until the other side closed. */
export async function raw(port: number, ...lines: readonly string[]): Promise<string> {
  const connection = await open(port)
  connection.socket.write(lines.join('\r\n'))
  return connection.closed
}

/** The problem in the body of a raw answer. */
export function problemIn(answer: string): Record<string, unknown> {
  return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as Record<string, unknown>
}
