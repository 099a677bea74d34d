import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Readable, type Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { BanyanError } from '../kernel/errors.ts'
import { fail } from '../network/http/dispatch.ts'
import type { Client } from './client.ts'
import type { Exchange } from '../network/http/exchange.ts'
import type { Answering } from '../network/http/foreign.ts'
import { anonymousIdentity } from '../security/identity.ts'
import type { AccessLog } from '../observe/access-log.ts'
import { answerHeaders, visibleAnswerHeaders } from './answer-headers.ts'
import { edgeRequest } from './edge-request.ts'
import type { EdgeAnswer, EdgeRequest } from './exchange.ts'
import { wayOf, type OpenRoute } from './open-routes.ts'
import { passedHeaders } from './request-headers.ts'
import { askToSwitch, join } from './tunnel.ts'

export interface TunnelRequest {
  readonly exchange: Exchange<ServerResponse>
  readonly route: OpenRoute
  readonly client: Client
  readonly socket: Duplex
  /** What the client has sent already in the other protocol. */
  readonly head: Buffer
  readonly surface: Answering
}

/** Connections on which another protocol is spoken through the gateway: WebSocket and whatever else is asked for (RFC 9110 §7.8). */
export class Tunnels implements Disposable {
  readonly #open = new Set<Duplex>()
  readonly #accessLog: AccessLog | undefined

  constructor(accessLog: AccessLog | undefined) {
    this.#accessLog = accessLog
  }

  /** Asks policies as for any request, then the upstream; joins the connections where it switches, else answers what it answered. */
  async open({ exchange, route, client, socket, head, surface }: TunnelRequest): Promise<void> {
    const { request, response, began } = exchange
    let identity = anonymousIdentity
    let status = 0
    let upstream: Duplex | undefined
    let lost: unknown
    const gone = new BanyanError('cancelled', 'the client closed the connection', { executed: 'maybe' })
    // before the client's end can be heard, after which nothing can be put back
    if (head.length > 0) socket.unshift(head)
    this.#open.add(socket)
    route.meter.begin()
    route.way?.meter.begin()
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      exchange.abort(gone)
      upstream?.destroy()
      this.#open.delete(socket)
      const now = performance.now()
      // how long a tunnel stays open is up to who speaks through it
      const measured = status === 101 ? undefined : began
      route.meter.end(exchange, status, measured, now)
      route.way?.meter.end(status, measured, now)
      this.#accessLog?.({
        request,
        status,
        ms: now - began,
        bytes: (socket as Socket).bytesWritten,
        client: client.address,
        identity,
        route: route.route.name,
        upstream: route.route.to,
        traceparent: exchange.traceparent,
        refused: exchange.refused,
      })
    })

    const ask = async (asked: EdgeRequest): Promise<EdgeAnswer> => {
      identity = asked.identity
      const way = wayOf(route)
      const keepHost = way.upstream.host === 'keep'
      const headers = passedHeaders(asked.headers, { client, identity, traceparent: asked.traceparent, keepHost })
      if (!keepHost) headers.push('host', new URL(way.upstream.targets[0]!.url).host)
      headers.push('connection', 'Upgrade', 'upgrade', request.headers.upgrade!)
      const target = asked.query === '' ? asked.path : `${asked.path}?${asked.query}`
      const switched = await askToSwitch(way, { method: asked.method, target, headers, signal: exchange.signal }).catch((error: unknown) => {
        lost = error
        throw error
      })
      upstream = switched.socket
      return { status: switched.answer.statusCode!, headers: visibleAnswerHeaders(switched.answer.headers), body: upstream ? undefined : switched.answer }
    }

    try {
      const asked = edgeRequest(exchange, route.route, client, undefined)
      const answer = route.pipeline ? await route.pipeline(asked, ask) : await ask(asked)
      status = answer.status
      if (status === 101 && upstream) {
        socket.write(switching(answer, request.headers.upgrade!))
        ;(socket as Socket).setTimeout(0).setNoDelay(true)
        join(socket, upstream)
      } else await refuse(response, socket, answer)
    } catch (error) {
      if (socket.destroyed) return
      if (!response.headersSent) response.assignSocket(socket as Socket)
      exchange.endpoint = { to: 'outside', unavailable: error === lost ? route.way?.excuse : undefined }
      fail(error, exchange, { ...surface, leaving: () => true })
      status = response.statusCode
      response.once('finish', () => (socket as Socket).destroySoon())
    }
  }

  /** Cuts what is open. */
  [Symbol.dispose](): void {
    for (const socket of this.#open) socket.destroy()
  }
}

function switching({ headers }: EdgeAnswer, protocol: string): string {
  const fields = answerHeaders(headers)
  let text = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n`
  for (let i = 0; i < fields.length; i += 2) for (const value of [fields[i + 1]!].flat()) text += `${String(fields[i])}: ${value}\r\n`
  return `${text}\r\n`
}

/** An answer in HTTP on a connection that asked for something else; it ends with it. */
async function refuse(response: ServerResponse, socket: Duplex, { status, headers, body }: EdgeAnswer): Promise<void> {
  response.assignSocket(socket as Socket)
  response.shouldKeepAlive = false
  response.writeHead(status, answerHeaders(headers) as string[])
  response.once('finish', () => (socket as Socket).destroySoon())
  if (body instanceof Readable) await pipeline(body, response)
  else response.end(body)
}
