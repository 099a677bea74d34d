import { beforeDeadline } from '../../kernel/deadline.ts'
import { BanyanError } from '../../kernel/errors.ts'
import type { AnyOperation } from '../../model/operation.ts'
import { childSpan } from '../../observe/trace.ts'
import type { Peer } from '../../security/peer-token.ts'
import type { Envelope } from '../envelope.ts'
import { feedCall } from '../feed-call.ts'
import { tooLarge } from './body.ts'
import { callHeaders, type RemoteUnit, type RemoteUnitOptions } from './client.ts'
import { DEADLINE_HEADER, peerEnvelope, sessionOf, timeLeft } from './envelope-headers.ts'
import { readAnswer } from './hop.ts'
import { parseJson } from './json-body.ts'
import { outputReply } from './operation-endpoints.ts'
import { defaultLimits } from './options.ts'
import { toProblem } from './problem.ts'
import { RETRY_SOON } from './problem-reply.ts'
import type { Reply } from './reply.ts'
import type { Answer } from './transport.ts'

export interface LoopbackOptions extends Pick<RemoteUnitOptions, 'token'> {
  /** Whom a token speaks for. */
  verify(token: string): Peer
  /** Runs an operation here. */
  invoke(operation: AnyOperation, input: unknown, envelope: Envelope): Promise<unknown>
  /** Answers a request for a service's feed here. */
  feed(service: string, request: unknown, signal: AbortSignal): Promise<unknown>
}

/**
 * The way to this very process, as if it were another: what goes over HTTP between units is written and read here by the same code, headers
 * and bodies, answers and errors. Only the socket is missing.
 */
export function loopback({ token, verify, invoke, feed }: LoopbackOptions): RemoteUnit {
  function arrive(operation: AnyOperation, headers: Record<string, string>, body: string | undefined, signal: AbortSignal): Promise<Answer> {
    return answered(operation, async () => {
      const peer = verify(headers['authorization']!.slice('Bearer '.length))
      const arrival = { request: { headers }, traceparent: childSpan(headers['traceparent']!), signal }
      const envelope = peerEnvelope(arrival, peer, operation.kind, defaultLimits)
      const bytes = body === undefined ? undefined : Buffer.from(body)
      if (bytes && bytes.length > defaultLimits.peerBodyBytes) throw tooLarge(defaultLimits.peerBodyBytes)
      return outputReply(operation, await invoke(operation, bytes && parseJson(bytes), envelope), envelope)
    })
  }

  return {
    async call(operation, input, envelope) {
      const name = `${operation.service}.${operation.name}`
      envelope.deadline.check(name)
      const headers = fieldsOf([...callHeaders(operation, envelope, token(envelope)), DEADLINE_HEADER, timeLeft(envelope.deadline)])
      const answer = await whileWanted(arrive(operation, headers, JSON.stringify(input), envelope.signal), envelope, name)
      envelope.session.add(sessionOf(answer.headers))
      return readAnswer(answer, operation, name)
    },
    async feed(service, request, signal) {
      const { operation } = feedCall(service, request, signal)
      const body = JSON.stringify(request)
      const answer = await answered(operation, async () => ({ status: 200, body: JSON.stringify(await feed(service, JSON.parse(body), signal)) }))
      return readAnswer(answer, operation, `${service}.feed`)
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

async function answered(operation: AnyOperation, run: () => Promise<Reply>): Promise<Answer> {
  const { status, body = '', headers = {} } = await run().catch((error: unknown) => problem(error, operation))
  return { status, headers, body: Buffer.from(body) }
}

function problem(error: unknown, operation: AnyOperation): Reply {
  const told = toProblem(error, { to: 'peer', operation })
  return { status: told.status, body: JSON.stringify(told), headers: told.status === 503 ? RETRY_SOON : {} }
}

/** The answer, unless its time is up or the caller gives up before. What was begun then goes on by itself, as it would elsewhere. */
async function whileWanted(answer: Promise<Answer>, { deadline, signal }: Envelope, name: string): Promise<Answer> {
  const gone = Promise.withResolvers<never>()
  const leave = () => gone.reject(new BanyanError('cancelled', `${name}: the caller gave up`, { executed: 'maybe' }))
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave, { once: true })
  try {
    return await Promise.race([beforeDeadline(answer, deadline, name), gone.promise])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}

/** Header fields as they are read where they arrive. */
function fieldsOf(namesAndValues: readonly string[]): Record<string, string> {
  const fields: Record<string, string> = {}
  for (let at = 0; at < namesAndValues.length; at += 2) fields[namesAndValues[at]!] = namesAndValues[at + 1]!
  return fields
}
