import { STATUS_CODES, validateHeaderName, validateHeaderValue, type OutgoingHttpHeader, type OutgoingHttpHeaders } from 'node:http'

/** Header fields as `writeHead` takes them; a list has names and values in turn. */
export type Fields = OutgoingHttpHeaders | OutgoingHttpHeader[]

/** The head of an answer. */
export interface AnswerHead {
  readonly text: string
  /** Whether its body comes in chunks, since its length is not said. */
  readonly chunked: boolean
  /** Whether it ends the connection. */
  readonly last: boolean
}

/**
 * The head of an answer to HTTP/1.1 as node:http writes it: fields as they are said, then what they do not say of the date, the connection
 * (`kept`: whole lines) and, unless it is `bodiless`, the framing. Throws for what may stand in no field (RFC 9110 §5.5).
 */
export function answerHead(status: number, fields: Fields, { kept, bodiless }: { readonly kept: string; readonly bodiless: boolean }): AnswerHead {
  const list = listOf(fields)
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`
  let hasDate = false
  let hasLength = false
  let connection: string | undefined
  for (let at = 0; at < list.length; at += 2) {
    const name = list[at] as string
    const value = list[at + 1]!
    text += fieldLines(name, value)
    if (name.length === 4) hasDate ||= name.toLowerCase() === 'date'
    else if (name.length === 14) hasLength ||= name.toLowerCase() === 'content-length'
    else if (name.length === 10 && name.toLowerCase() === 'connection') connection = String(value)
  }
  if (!hasDate) text += dateLine()
  if (connection === undefined) text += kept
  const chunked = !hasLength && !bodiless
  return { text: `${text}${chunked ? 'Transfer-Encoding: chunked\r\n' : ''}\r\n`, chunked, last: connection !== undefined && /\bclose\b/i.test(connection) }
}

/** A field, in as many lines as it has values. */
export function fieldLines(name: string, value: OutgoingHttpHeader): string {
  validateHeaderName(name)
  if (!Array.isArray(value)) return fieldLine(name, String(value))
  let lines = ''
  for (const one of value) lines += fieldLine(name, one)
  return lines
}

export function listOf(fields: Fields): OutgoingHttpHeader[] {
  return Array.isArray(fields) ? fields : Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [name, value]))
}

function fieldLine(name: string, value: string): string {
  validateHeaderValue(name, value)
  return `${name}: ${value}\r\n`
}

let second = 0
let line = ''

function dateLine(): string {
  const now = Math.floor(Date.now() / 1_000)
  if (now !== second) {
    second = now
    line = `Date: ${new Date(now * 1_000).toUTCString()}\r\n`
  }
  return line
}
