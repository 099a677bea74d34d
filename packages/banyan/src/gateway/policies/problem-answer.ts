import { PROBLEM_TYPE, toProblem } from '../../network/http/problem.ts'
import { traceIdOf } from '../../observe/trace.ts'
import type { EdgeAnswer, EdgeRequest } from '../exchange.ts'
import type { Headers } from './header-changes.ts'

/** An error as an answer (RFC 9457), for policies that have headers to add to it or another form to give it. */
export function problemAnswer(error: unknown, { path, traceparent }: EdgeRequest, headers: Headers = {}): EdgeAnswer {
  const problem = toProblem(error, { to: 'outside', instance: path, traceId: traceIdOf(traceparent) })
  const body = Buffer.from(JSON.stringify(problem))
  return { status: problem.status, headers: { ...headers, 'content-type': PROBLEM_TYPE, 'content-length': String(body.length) }, body }
}
