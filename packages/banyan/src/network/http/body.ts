import { BanyanError } from '../../kernel/errors.ts'
import type { HttpBody, HttpRequest } from './message.ts'

/** Whether a request announces a body. */
export function hasBody({ headers }: Pick<HttpRequest, 'headers'>): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] !== undefined && headers['content-length'] !== '0')
}

/** Whether the rest of a body is known to be no longer than `limit`, so that it may be read and thrown away. */
export function isWithin({ headers }: Pick<HttpRequest, 'headers'>, limit: number): boolean {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) <= limit
}

/**
 * The whole body. Throws `payload_too_large` as soon as more than `limit` bytes are announced or have come, `malformed_request` when it
 * ends early. Reads nothing more after a throw.
 */
export function readBody(request: HttpBody, limit: number): Promise<Buffer> {
  if (Buffer.isBuffer(request)) return request.length > limit ? Promise.reject(tooLarge(limit)) : Promise.resolve(request)
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.reject(tooLarge(limit))
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    const stop = () => {
      request.off('data', onData).off('end', onEnd).off('error', onError).off('close', onError)
    }
    const onData = (chunk: Buffer) => {
      length += chunk.length
      chunks.push(chunk)
      if (length <= limit) return
      stop()
      request.pause()
      reject(tooLarge(limit))
    }
    const onEnd = () => {
      stop()
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks))
    }
    const onError = () => {
      stop()
      request.on('error', () => undefined) // an aborted request tells of it once more
      reject(new BanyanError('malformed_request', `the body ended after ${length} bytes, before its announced end`))
    }
    request.on('data', onData).on('end', onEnd).on('error', onError).on('close', onError)
  })
}

/** What is said of a body that is too long. */
export function tooLarge(limit: number): BanyanError {
  return new BanyanError('payload_too_large', `the body is larger than ${limit} bytes; send less or raise http.bodyLimit`, { details: { limit } })
}
