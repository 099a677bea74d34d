import { broken } from './fault.ts'
import { fieldName, type FieldUse } from './field-name.ts'

/** The head of an answer (RFC 9112 §4, §5), and how long its body is (§6.3). */
export interface AnswerHead {
  readonly status: number
  /** Names in lower case and values in turn, in the order in which they came. */
  readonly fields: string[]
  /** Bytes of the body, or what ends it. */
  readonly body: number | 'chunked' | 'close'
  /** Whether the connection lasts once the answer is over (§9.3). */
  readonly persistent: boolean
  /** Milliseconds for which the server says that it keeps an idle connection. */
  readonly keepAliveMs: number | undefined
}

const SPACE = 32
const TAB = 9
const CR = 13
const ZERO = 48

/** Reads the head of an answer from its lines, each with its end. Throws `BROKEN_ANSWER` for what could be read in two ways. */
export function answerHead(text: string, method: string): AnswerHead {
  const minor = minorVersion(text)
  const status = statusOf(text)
  const fields: string[] = []
  let length: number | undefined
  let coding: string | undefined
  let connection: string | undefined
  let keepAlive: string | undefined
  let at = text.indexOf('\r') + 2
  while (at < text.length) {
    const { name, use } = readField(text, at)
    const value = fieldValue
    at = nextLine
    fields.push(name, value)
    if (use === 'none') continue
    if (use === 'content-length') {
      if (length !== undefined) throw broken('it has more than one Content-Length')
      length = lengthOf(value)
    } else if (use === 'transfer-encoding') coding = coding === undefined ? value : `${coding}, ${value}`
    else if (use === 'connection') connection = connection === undefined ? value : `${connection}, ${value}`
    else if (use === 'keep-alive') keepAlive = value
  }
  const body = bodyOf({ method, status, minor, length, coding })
  return {
    status,
    fields,
    body,
    persistent: body !== 'close' && lasts(minor, connection),
    keepAliveMs: keepAlive === undefined ? undefined : keepAliveMs(keepAlive),
  }
}

/** The fields of trailers: names in lower case and values in turn. Throws `BROKEN_ANSWER` for those that are about the length of a message (RFC 9110 §6.5.1). */
export function trailerFields(text: string): string[] {
  const fields: string[] = []
  let at = 0
  while (at < text.length) {
    const { name, use } = readField(text, at)
    if (use !== 'none') throw broken(`${name} among its trailers`)
    fields.push(name, fieldValue)
    at = nextLine
  }
  return fields
}

// where `readField` leaves what it has read: an object for each field would cost as much as reading it
let fieldValue = ''
let nextLine = 0

function readField(text: string, at: number): { readonly name: string; readonly use: FieldUse } {
  const end = text.indexOf('\r', at)
  const colon = text.indexOf(':', at)
  if (colon < 0 || colon > end) throw broken('a line of its head has no colon')
  const field = fieldName(text.slice(at, colon))
  if (field === undefined) throw broken(`${JSON.stringify(text.slice(at, colon))} is no name of a field`)
  let from = colon + 1
  let to = end
  while (from < to && isBlank(text.charCodeAt(from))) from++
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--
  fieldValue = text.slice(from, to)
  nextLine = end + 2
  return field
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB
}

function minorVersion(text: string): number {
  const minor = text.charCodeAt(7) - ZERO
  if (!text.startsWith('HTTP/1.') || (minor !== 0 && minor !== 1) || text.charCodeAt(8) !== SPACE) {
    throw broken(`it begins with ${JSON.stringify(text.slice(0, 16))}`)
  }
  return minor
}

function statusOf(text: string): number {
  const status = Number(text.slice(9, 12))
  const after = text.charCodeAt(12)
  if (!/^\d{3}$/.test(text.slice(9, 12)) || status < 100 || (after !== SPACE && after !== CR)) {
    throw broken(`${JSON.stringify(text.slice(9, 13).trimEnd())} is no status`)
  }
  return status
}

function lengthOf(value: string): number {
  const length = Number(value)
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(length)) throw broken(`its Content-Length is ${JSON.stringify(value)}`)
  return length
}

interface Framing {
  readonly method: string
  readonly status: number
  readonly minor: number
  readonly length: number | undefined
  readonly coding: string | undefined
}

function bodyOf({ method, status, minor, length, coding }: Framing): AnswerHead['body'] {
  if (coding !== undefined) {
    if (length !== undefined) throw broken('it has both Transfer-Encoding and Content-Length')
    if (minor === 0) throw broken('it has Transfer-Encoding in HTTP/1.0')
    if (coding.toLowerCase() !== 'chunked') throw broken(`its Transfer-Encoding is ${JSON.stringify(coding)}, where only chunked was to be expected`)
  }
  if (status < 200 || status === 204) {
    if (coding !== undefined || (length ?? 0) > 0) throw broken(`it announces a body with status ${status}, which has none`)
    return 0
  }
  if (method === 'HEAD' || status === 304) return 0
  return coding === undefined ? (length ?? 'close') : 'chunked'
}

function lasts(minor: number, connection: string | undefined): boolean {
  if (connection === undefined) return minor === 1
  const said = connection.toLowerCase()
  if (said === 'keep-alive') return true
  const options = new Set(said.split(',').map((option) => option.trim()))
  return !options.has('close') && (minor === 1 || options.has('keep-alive'))
}

function keepAliveMs(value: string): number | undefined {
  const seconds = /(?:^|[\s,;])timeout\s*=\s*(\d{1,9})/i.exec(value)?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1_000
}
