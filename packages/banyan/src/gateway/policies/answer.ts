import type { PolicyKind } from '../policy-kind.ts'
import { headerChanges, headerValuesSchema, type HeaderChanges } from './header-changes.ts'

interface AnswerSettings {
  readonly status?: number
  readonly headers?: HeaderChanges['set']
  readonly body?: unknown
}

/** A fixed answer, given without asking anybody. */
export const answerPolicy: PolicyKind<AnswerSettings> = {
  name: 'answer',
  schema: {
    description: 'Answers by itself, always the same; what stands behind it is not asked, and the route needs no upstream.',
    type: 'object',
    properties: {
      status: { description: '200 unless said, 204 where there is no body.', type: 'integer', minimum: 200, maximum: 599 },
      headers: { ...headerValuesSchema, description: 'Header fields.' },
      body: { description: 'A text is sent as text, everything else as JSON; a header content-type says otherwise.' },
    },
    additionalProperties: false,
  },
  describe: ({ status, body }) => ({ ends: true, answers: { [status ?? (body === undefined ? 204 : 200)]: 'Always the same' } }),
  open({ status, headers = {}, body }) {
    const bytes = body === undefined ? undefined : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
    const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json'
    const fixed = headerChanges({ set: headers })(bytes === undefined ? {} : { 'content-type': type, 'content-length': String(bytes.length) })
    const answer = { status: status ?? (bytes === undefined ? 204 : 200), headers: fixed }
    return ({ method }) => Promise.resolve({ ...answer, body: method === 'HEAD' ? undefined : bytes })
  },
}
