import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { BanyanError } from '../../kernel/errors.ts'
import type { HttpLimits } from './options.ts'
import { PROBLEM_TYPE, toProblem } from './problem.ts'
import { rawReply } from './reply.ts'

interface ParserError extends Error {
  readonly code?: string
  readonly reason?: string
}

/** Answers on a connection from which no request could be read, and closes it. `begun`: bytes of another answer are on it already. */
export function answerClientError(error: ParserError, socket: Duplex, begun: boolean, limits: HttpLimits): void {
  if (error.code === 'ECONNRESET' || !socket.writable || begun) {
    socket.destroy()
    return
  }
  const { status, problem } = verdict(error, limits)
  const body = JSON.stringify({ ...toProblem(problem, { to: 'outside' }), status })
  socket.write(rawReply({ status, type: PROBLEM_TYPE, body }))
  ;(socket as Socket).destroySoon()
}

function verdict({ code, reason, message }: ParserError, limits: HttpLimits): { status: number; problem: BanyanError } {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return { status: 431, problem: new BanyanError('malformed_request', `the request line and headers are larger than ${limits.headerBytes} bytes`) }
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return {
      status: 408,
      problem: new BanyanError(
        'malformed_request',
        `the request did not arrive in time: headers have ${limits.headersMs} ms, all of it ${limits.requestMs} ms`,
      ),
    }
  }
  return { status: 400, problem: new BanyanError('malformed_request', `the request is not HTTP: ${reason ?? message}`) }
}
