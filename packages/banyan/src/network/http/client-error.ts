import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { BanyanError } from '../../kernel/errors.ts'
import type { Exchange } from './exchange.ts'
import type { HttpLimits } from './options.ts'
import { PROBLEM_TYPE, toProblem } from './problem.ts'
import { rawReply } from './reply.ts'

interface ParserError extends Error {
  readonly code?: string
  readonly reason?: string
}

/**
 * Answers on a connection from which no request could be read, and closes it. `begun`: whose answer is on it already. That one is cut, unless
 * nothing of it is missing: node:http tells of a request before it finds that its transfer coding is none, and its refusal is still to be sent.
 */
export function answerClientError(error: ParserError, socket: Duplex, begun: Exchange | undefined, limits: HttpLimits): void {
  if (begun?.finish !== undefined && socket.writable) {
    begun.finish()
    ;(socket as Socket).destroySoon()
    return
  }
  if (error.code === 'ECONNRESET' || !socket.writable || begun !== undefined) {
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
