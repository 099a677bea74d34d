import type { EdgeAnswer, EdgeRequest } from '../exchange.ts'
import type { PolicyKind } from '../policy-kind.ts'
import { BODY_LIMIT, bodyMapping, bodyMappingSchema, type BodyMapping } from './body-mapping.ts'
import { headerChanges, headerChangesSchema, type HeaderChanges } from './header-changes.ts'
import { answerBounds, askingForPlainBody, hasNoBody, isJson, jsonMessage, readJson, withoutBodyFacts } from './json-message.ts'

interface ResponseSettings {
  readonly headers?: HeaderChanges
  readonly body?: BodyMapping
}

/** Changes answers on their way back. */
export const responsePolicy: PolicyKind<ResponseSettings> = {
  name: 'response',
  schema: {
    description: 'Changes answers: headers, and the JSON body of those with a status below 400.',
    type: 'object',
    properties: { headers: { description: 'Header fields.', ...headerChangesSchema }, body: bodyMappingSchema },
    additionalProperties: false,
    minProperties: 1,
  },
  open({ headers = {}, body }) {
    const headersOf = headerChanges(headers)
    const withHeaders = (answer: EdgeAnswer): EdgeAnswer => ({ ...answer, headers: headersOf(answer.headers) })
    if (!body) return async (request, next) => withHeaders(await next(request))
    const bodyOf = answerChange(body)
    return async (request, next) => {
      const answer = await next({ ...request, headers: askingForPlainBody(request.headers) })
      return withHeaders(await bodyOf(answer, request))
    }
  },
}

function answerChange(mapping: BodyMapping): (answer: EdgeAnswer, request: EdgeRequest) => Promise<EdgeAnswer> {
  const map = bodyMapping(mapping)
  return async (answer, request) => {
    if (answer.status >= 400 || !isJson(answer.headers)) return answer
    if (hasNoBody(request, answer)) return { ...answer, headers: withoutBodyFacts(answer.headers) }
    const value = await readJson(answer.body, answer.headers, answerBounds(request, mapping.limit ?? BODY_LIMIT))
    return { ...answer, ...jsonMessage(answer.headers, map(value ?? null)) }
  }
}
