import { connect, type Socket } from 'node:net'
import { answerParent } from '../contender-process.ts'
import { quantile } from '../report.ts'
import type { Load, LoadRequest } from './generator.ts'

interface Wish {
  readonly url: string
  readonly request: LoadRequest
  readonly seconds: number
  readonly connections: number
}

/** As little of an HTTP client as measuring needs: the request is written as it stands, of the answer the head is read and its length. */
async function generate({ url, request: { method, headers, body = '' }, seconds, connections }: Wish): Promise<Load> {
  const { host, hostname, port, pathname } = new URL(url)
  const length = body === '' ? {} : { 'Content-Length': Buffer.byteLength(body) }
  const fields = Object.entries({ Host: host, ...headers, ...length }).map(([name, value]) => `${name}: ${value}`)
  const head = [`${method} ${pathname} HTTP/1.1`, ...fields]
  const request = `${head.join('\r\n')}\r\n\r\n${body}`
  const times: number[] = []
  let failed = 0
  const began = performance.now()
  const end = began + seconds * 1_000

  const converse = (socket: Socket) =>
    new Promise<void>((resolve, reject) => {
      let sent = 0
      let answer = ''
      const send = () => {
        if (performance.now() >= end) return void socket.end(resolve)
        sent = performance.now()
        socket.write(request)
      }
      socket.setEncoding('latin1').on('error', reject).on('connect', send)
      socket.on('data', (chunk) => {
        answer += chunk
        if (!isWhole(answer)) return
        times.push(performance.now() - sent)
        if (!answer.startsWith('HTTP/1.1 200 ')) failed++
        answer = ''
        send()
      })
    })
  await Promise.all(Array.from({ length: connections }, () => converse(connect({ host: hostname, port: Number(port), noDelay: true }))))
  return { requests: times.length, seconds: (performance.now() - began) / 1_000, failed, p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
}

/** Both kinds of servers say the length of what they answer. */
function isWhole(answer: string): boolean {
  const headEnd = answer.indexOf('\r\n\r\n')
  const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(answer)
  return headEnd >= 0 && length !== null && answer.length >= headEnd + 4 + Number(length[1])
}

answerParent(generate, async () => {})
