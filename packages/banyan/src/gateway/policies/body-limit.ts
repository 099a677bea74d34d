import { Transform, type TransformCallback } from 'node:stream'
import { BanyanError } from '../../kernel/errors.ts'
import type { PolicyKind } from '../policy-kind.ts'

export interface BodyLimitSettings {
  readonly bytes: number
}

/** Refuses bodies that are announced longer, before a byte of them is asked for, and cuts those that turn out to be. */
export const bodyLimit: PolicyKind<BodyLimitSettings> = {
  name: 'body-limit',
  schema: {
    description: 'How large the bodies of requests may be. Larger ones are answered 413, before they are asked for where their length is announced.',
    type: 'object',
    properties: { bytes: { type: 'integer', minimum: 0, description: 'Bytes that the body of a request may have.' } },
    required: ['bytes'],
    additionalProperties: false,
  },
  describe: ({ bytes }) => ({ answers: { 413: `The body is larger than ${bytes} bytes` } }),
  open: ({ bytes }) => {
    return (request, next) => {
      if (Number(request.headers['content-length'] ?? 0) > bytes) throw tooLarge(bytes)
      // a body of a known length cannot be longer
      if (request.body === undefined || request.headers['content-length'] !== undefined) return next(request)
      const counted = new Counted(bytes)
      request.body.once('error', (error) => counted.destroy(error))
      counted.once('error', () => request.body?.destroy())
      return next({ ...request, body: request.body.pipe(counted) })
    }
  },
}

class Counted extends Transform {
  readonly #most: number
  #bytes = 0

  constructor(most: number) {
    super()
    this.#most = most
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#bytes += chunk.length
    if (this.#bytes > this.#most) done(tooLarge(this.#most))
    else done(null, chunk)
  }
}

function tooLarge(bytes: number): BanyanError {
  return new BanyanError('payload_too_large', `the body is larger than the ${bytes} bytes that this route takes; send less`, { details: { limit: bytes } })
}
