import { STATUS_CODES } from 'node:http'
import { traceIdOf } from '../../observe/trace.ts'
import type { EdgeAnswer, EdgeRequest } from '../exchange.ts'
import type { PolicyKind } from '../policy-kind.ts'
import { BODY_LIMIT } from './body-mapping.ts'
import { answerBounds, askingForPlainBody, hasNoBody, isJson, jsonMessage, readJson, withoutBodyFacts } from './json-message.ts'
import { problemAnswer } from './problem-answer.ts'

interface EnvelopeSettings {
  readonly limit?: number
}

/** One form for all JSON answers: `{ success, data, meta }`, and `error` where there is no success. */
export const envelopePolicy: PolicyKind<EnvelopeSettings> = {
  name: 'envelope',
  schema: {
    description:
      'Gives all JSON answers one form: `{ success, data, meta }`, and `error` where the status is 400 or above; those of policies behind it as well. Other answers pass as they are, unless they are errors.',
    type: 'object',
    properties: {
      limit: { description: 'The most bytes that an answer may have; 1048576 unless said.', type: 'integer', minimum: 1, maximum: 1 << 26 },
    },
    additionalProperties: false,
  },
  open({ limit = BODY_LIMIT }) {
    return async (request, next) => {
      const answer = await answerOf(request, next)
      if (answer.status < 400 && !isJson(answer.headers)) return answer
      if (hasNoBody(request, answer)) return { ...answer, headers: withoutBodyFacts(answer.headers) }
      return answer.status < 400 ? success(answer, request, limit) : failure(answer, request, limit)
    }
  },
}

/** What went wrong behind it gets the form as well. */
async function answerOf(request: EdgeRequest, next: Parameters<ReturnType<typeof envelopePolicy.open>>[1]): Promise<EdgeAnswer> {
  try {
    return await next({ ...request, headers: askingForPlainBody(request.headers) })
  } catch (error) {
    return problemAnswer(error, request)
  }
}

async function success(answer: EdgeAnswer, request: EdgeRequest, limit: number): Promise<EdgeAnswer> {
  const data = (await readJson(answer.body, answer.headers, answerBounds(request, limit))) ?? null
  return enveloped(answer, { success: true, data, meta: meta(answer, request) })
}

async function failure(answer: EdgeAnswer, request: EdgeRequest, limit: number): Promise<EdgeAnswer> {
  return enveloped(answer, { success: false, data: null, error: await errorOf(answer, request, limit), meta: meta(answer, request) })
}

/** What the upstream said, where it is JSON; a page of HTML is nothing for who asks an API. */
async function errorOf(answer: EdgeAnswer, request: EdgeRequest, limit: number): Promise<unknown> {
  if (isJson(answer.headers)) return (await readJson(answer.body, answer.headers, answerBounds(request, limit))) ?? null
  if (answer.body !== undefined && !Buffer.isBuffer(answer.body)) answer.body.destroy()
  return { title: STATUS_CODES[answer.status] ?? 'Error', status: answer.status }
}

function enveloped(answer: EdgeAnswer, value: unknown): EdgeAnswer {
  const { headers, body } = jsonMessage(answer.headers, value)
  return { ...answer, headers: { ...headers, 'content-type': 'application/json' }, body }
}

function meta({ status }: EdgeAnswer, { traceparent }: EdgeRequest): { readonly status: number; readonly traceId: string } {
  return { status, traceId: traceIdOf(traceparent) }
}
