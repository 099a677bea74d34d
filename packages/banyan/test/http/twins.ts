import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { HttpRequest, HttpResponse } from '../../src/network/http/message.ts'
import { Lane } from '../../src/network/http/lane/lane.ts'

/** A server of node:http that answers what a request's path says, with what it saw of it. */
export interface Twin extends AsyncDisposable {
  /** Requests that came by the lane. */
  readonly byLane: number
  /** What comes back when `pieces` are written one after the other, each once all before it has been dealt with. */
  converse(pieces: readonly Buffer[]): Promise<string>
}

type Way = (response: HttpResponse, seen: string) => void

/** Answers that differ in how they are written, by what their paths begin with. Behind `/read` the body is read first. */
export const atOnce: Readonly<Record<string, Way>> = {
  whole: (response, seen) => void response.writeHead(200, ['content-type', 'text/plain', 'content-length', String(Buffer.byteLength(seen))]).end(seen),
  bytes: (response, seen) => void response.writeHead(201, { 'Content-Length': Buffer.byteLength(seen) }).end(Buffer.from(seen)),
  latin1: (response, seen) => void response.writeHead(200, ['content-length', String(seen.length), 'x-name', 'caf\xe9']).end(seen, 'latin1'),
  chunks: (response, seen) => {
    response.writeHead(200)
    response.write('first')
    response.write('')
    response.write(Buffer.from('second\xe9'))
    response.end(seen)
  },
  trailers: (response, seen) => {
    response.writeHead(200)
    response.write(seen)
    response.addTrailers({ 'x-a': '1', 'x-b': ['2', '3'] })
    response.end()
  },
  hints: (response, seen) => {
    response.writeEarlyHints({ link: ['</a.css>; rel=preload; as=style', '</b.js>; rel=preload; as=script'] })
    atOnce['whole']!(response, seen)
  },
  nothing: (response) => void response.writeHead(204, ['x-a', 'b']).end(),
  unchanged: (response, seen) => void response.writeHead(304, ['etag', '"a"']).end(seen),
  last: (response, seen) => void response.writeHead(200, ['connection', 'close', 'content-length', '1']).end(seen[0]),
  dated: (response) => void response.writeHead(200, ['date', 'Mon, 01 Jan 2024 00:00:00 GMT', 'content-length', '0']).end(),
  cookies: (response) => {
    response.appendHeader('set-cookie', 'a=1').appendHeader('set-cookie', 'b=2')
    response.writeHead(404, ['content-length', '0', 'x-many', ['1', '2']]).end()
  },
}

export const later: Readonly<Record<string, Way>> = {
  early: (response, seen) => {
    response.writeHead(200, ['content-length', String(Buffer.byteLength(seen))])
    response.flushHeaders()
    setImmediate(() => response.end(seen))
  },
  slow: (response, seen) => void setImmediate(() => atOnce['whole']!(response, seen)),
}

const isReading = ({ url = '' }: HttpRequest) => url.startsWith('/read/')

export const HEADER_BYTES = 1_024

/** Starts a server, with the lane before it or without. */
export async function twin(hasLane: boolean): Promise<Twin> {
  let byLane = 0
  const open = new Set<HttpResponse>()
  const answer = (request: HttpRequest, response: HttpResponse, body?: Buffer): void => {
    const { method, url = '', headers, rawHeaders, httpVersion } = request
    open.add(response)
    response.on('close', () => open.delete(response))
    const name = /^(?:\/read)?\/(\w+)/.exec(url)?.[1] ?? ''
    const way = atOnce[name] ?? later[name] ?? atOnce['whole']!
    way(response, JSON.stringify({ method, url, headers, rawHeaders, httpVersion, body: body?.toString('latin1') }))
  }
  const server = createServer({ maxHeaderSize: HEADER_BYTES, keepAliveTimeout: 5_000 })
  server.maxHeadersCount = 0
  server.on('request', (request, response) => {
    if (!isReading(request)) return answer(request, response)
    buffer(request).then(
      (body) => answer(request, response, body),
      () => undefined, // the connection has been closed before the end of the body
    )
  })
  const limits = { headerBytes: HEADER_BYTES, headersMs: 60_000, requestMs: 60_000, keepAliveMs: 5_000, checkMs: 60_000 }
  const take = (request: HttpRequest, response: HttpResponse, body: Buffer): void => {
    byLane++
    answer(request, response, isReading(request) ? body : undefined)
  }
  const lane = hasLane ? new Lane(server, limits, take) : undefined
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    get byLane() {
      return byLane
    },
    async converse(pieces) {
      const [client, served] = await connected(server)
      let received = ''
      client.setEncoding('latin1').on('data', (text) => (received += String(text)))
      client.on('error', () => undefined) // a reset ends it too
      const closed = new Promise((resolve) => client.once('close', resolve))
      let sent = 0
      for (const piece of pieces) {
        if (served.destroyed || served.writableEnded) break
        // where nobody else reads, node:http runs what is queued between the requests of one piece; with a lane before it, it cannot
        served.off('data', nothing).on('data', nothing)
        client.write(piece)
        sent += piece.length
        await settled(() => served.destroyed || served.writableEnded || (served.bytesRead >= sent && open.size === 0))
      }
      client.end()
      await closed
      open.clear() // of a connection that is cut, node:http tells not all
      return received.replaceAll(/^Date: (?!Mon, 01 Jan 2024).*\r\n/gm, '')
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      lane?.closeAll()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function connected(server: Server): Promise<readonly [client: Socket, served: Socket]> {
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [served] = await accepted
  return [client, served]
}

function nothing(): void {}

/** Turns of the event loop after which what was read has been taken to its end. */
const TURNS = 3
const MOST_TURNS = 100_000

async function settled(isOver: () => boolean): Promise<void> {
  let left = TURNS
  for (let turn = 0; turn < MOST_TURNS && left > 0; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    left = isOver() ? left - 1 : TURNS
  }
  if (left > 0) throw new Error('what was written is not dealt with')
}
