import type { EdgeAnswer, EdgeRequest, Policy } from '../../src/gateway/exchange.ts'
import { lowerCased, type Fields } from '../../src/gateway/http-cache/fields.ts'
import { BanyanError } from '../../src/kernel/errors.ts'
import { edgeRequest, heard, type Heard } from './edge.ts'

/** A field as the suite writes it: its name, its value, where a number is a date so many seconds from now, and whether the client must find it as sent. */
type SuiteField = readonly [name: string, value: string | number, check?: boolean]

export interface Step {
  readonly setup?: boolean
  readonly setup_tests?: readonly string[]
  readonly pause_after?: boolean
  readonly request_method?: string
  readonly request_headers?: readonly SuiteField[]
  readonly response_status?: readonly [number, string]
  readonly response_headers?: readonly SuiteField[]
  readonly response_body?: string | null
  readonly filename?: string
  readonly query_arg?: string
  readonly magic_ims?: boolean
  readonly magic_locations?: boolean
  readonly rfc850date?: readonly string[]
  readonly disconnect?: boolean
  readonly check_body?: boolean
  readonly expected_type?: 'cached' | 'not_cached' | 'etag_validated' | 'lm_validated'
  readonly expected_status?: number
  readonly expected_method?: string
  readonly expected_response_text?: string | null
  readonly expected_response_headers?: readonly (string | readonly [string, string | number] | readonly [string, '=' | '>', string | number])[]
  readonly expected_response_headers_missing?: readonly (string | readonly [string, string])[]
  readonly expected_request_headers?: readonly (string | readonly [string, string])[]
}

export interface SuiteTest {
  readonly id: string
  readonly name: string
  readonly kind?: 'required' | 'optimal' | 'check'
  readonly depends_on?: readonly string[]
  readonly browser_only?: boolean
  readonly requests: readonly Step[]
}

/** The tests of HTTP caches that browsers, proxies and CDNs are held to (cache-tests.fyi), for shared caches. */
export async function suiteTests(): Promise<readonly SuiteTest[]> {
  const { default: suites } = (await import('http-cache-tests/tests/index.mjs' as string)) as { default: readonly { readonly tests: readonly SuiteTest[] }[] }
  return suites.flatMap(({ tests }) => tests).filter((test) => test.browser_only !== true)
}

/** What the origin was asked. */
interface Seen {
  readonly number: number
  readonly request: EdgeRequest
  readonly sent: Fields
  readonly checked: readonly string[]
}

const PAUSE_MS = 3_000
/** What a gateway answers when the origin breaks off. */
const BROKEN = 502

/** Runs one test through a policy: `undefined` when it passes, else what was not as it should be. */
export async function runSuiteTest(test: SuiteTest, policy: Policy, time: { now(): Date; step(ms: number): void }): Promise<string | undefined> {
  const seen: Seen[] = []
  const answers: Heard[] = []
  const token = `/test/${test.id}`
  for (const [index, step] of test.requests.entries()) {
    const origin = (request: EdgeRequest): Promise<EdgeAnswer> => originAnswer(test, request, seen, time.now().getTime())
    try {
      answers.push(await heard(await policy(clientRequest(test, index, token, answers[index - 1]), origin)))
    } catch (error) {
      if (!BanyanError.is(error, 'unavailable')) throw error
      answers.push({ status: BROKEN, headers: {}, text: '', cache: '' })
    }
    const fault = faultOf(test, index, answers[index]!)
    if (fault !== undefined) return fault
    if (step.pause_after === true) time.step(PAUSE_MS)
  }
  return faultAtOrigin(test, seen, answers)
}

function clientRequest({ id, requests }: SuiteTest, index: number, token: string, before: Heard | undefined): EdgeRequest {
  const step = requests[index]!
  const own: readonly SuiteField[] = step.request_headers ?? [
    ['Pragma', 'foo'],
    ['Cache-Control', 'nothing-to-see-here'],
  ]
  const headers: Record<string, string> = {}
  for (const [name, value] of [...own, ['Test-ID', id], ['Req-Num', String(index + 1)]] as readonly SuiteField[]) {
    const key = name.toLowerCase()
    const text = typeof value === 'number' && step.magic_ims === true ? date(Number(before!.headers['server-now']), value) : String(value)
    headers[key] = headers[key] === undefined ? text : `${headers[key]}, ${text}`
  }
  const path = `${token}${step.filename === undefined ? '' : `/${step.filename}`}`
  return edgeRequest(step.query_arg === undefined ? path : `${path}?${step.query_arg}`, { method: step.request_method ?? 'GET', headers })
}

async function originAnswer({ id, requests }: SuiteTest, request: EdgeRequest, seen: Seen[], now: number): Promise<EdgeAnswer> {
  const number = Number(request.headers['req-num'])
  const step = requests[number - 1]!
  const fixed = (field: SuiteField): string => {
    const [name, value] = field
    const key = name.toLowerCase()
    if (typeof value === 'number') return date(now, value, step.rfc850date?.includes(key))
    if ((key === 'location' || key === 'content-location') && step.magic_locations === true) return `${request.path}/${value}`.replace(/\/$/, '')
    return value
  }
  const headers: Record<string, string | string[]> = {
    'server-request-count': String(seen.length + 1),
    'server-now': String(now),
    'content-type': 'text/plain',
  }
  const set = new Set<string>()
  for (const field of step.response_headers ?? []) {
    const key = field[0].toLowerCase()
    headers[key] = set.has(key) ? [headers[key]!, fixed(field)].flat() : fixed(field)
    set.add(key)
  }
  const checked = (step.response_headers ?? [])
    .filter(([name, , check]) => check !== false && name.toLowerCase() !== 'date')
    .map(([name]) => name.toLowerCase())
  // node:http dates what is not dated
  headers['date'] ??= date(now, 0)
  seen.push({ number, request, sent: headers, checked })
  if (step.disconnect === true) throw new BanyanError('unavailable', 'the origin closed the connection')
  const status = isValidated(step, requests[number - 2], request, seen) ?? step.response_status?.[0] ?? 200
  return { status, headers, body: status === 304 || status === 204 ? undefined : Buffer.from(step.response_body ?? id) }
}

/** Where a step expects a condition: 304 if it is the right one, 999 if not. */
function isValidated(step: Step, before: Step | undefined, request: EdgeRequest, seen: readonly Seen[]): number | undefined {
  if (step.expected_type?.endsWith('validated') !== true) return undefined
  const sent = seen.find(({ number }) => number === Number(request.headers['req-num']) - 1)?.sent
  // a step that the cache answered was not sent, but would have been as it is written
  const validator = (name: string) => sent?.[name] ?? before?.response_headers?.find(([own]) => own.toLowerCase() === name)?.[1]
  const matches = (condition: string, name: string): boolean => validator(name) !== undefined && request.headers[condition] === validator(name)
  return matches('if-modified-since', 'last-modified') || matches('if-none-match', 'etag') ? 304 : 999
}

function faultOf({ id, requests }: SuiteTest, index: number, { status, headers, text }: Heard): string | undefined {
  const step = requests[index]!
  const number = index + 1
  const count = Number(headers['server-request-count'])
  if (step.disconnect === true && step.expected_type === 'not_cached')
    return status === BROKEN && Number.isNaN(count) ? undefined : `answer ${number} comes from the cache`
  if (step.expected_type === 'cached' && !(count < number) && !(status === 304 && Number.isNaN(count))) return `answer ${number} does not come from the cache`
  if (step.expected_type === 'not_cached' && count !== number) return `answer ${number} comes from the cache`
  const expected = step.expected_status ?? step.response_status?.[0] ?? 200
  if (status !== expected) return `answer ${number} has status ${status}, not ${expected}`
  const wrong = wrongField(step, lowerCased(headers))
  if (wrong !== undefined) return `answer ${number}: ${wrong}`
  if (step.check_body === false || step.expected_response_text === null || status === 204 || status === 304 || step.request_method === 'HEAD') return undefined
  const body = step.expected_response_text ?? step.response_body ?? id
  return text === body ? undefined : `answer ${number} has the body '${text}', not '${body}'`
}

function wrongField({ expected_response_headers: expected = [], expected_response_headers_missing: missing = [] }: Step, headers: Fields): string | undefined {
  for (const field of expected) {
    if (typeof field === 'string') {
      if (headers[field.toLowerCase()] === undefined) return `${field} is missing`
      continue
    }
    const [name, operator, operand] = field
    const value = headers[name.toLowerCase()]
    const wanted = typeof operator === 'number' ? date(Number(headers['server-now']), operator) : operator
    if (operand === undefined ? value !== wanted : operator === '=' ? value !== headers[String(operand).toLowerCase()] : !(Number(value) > Number(operand)))
      return `${name} is ${String(value)}, expected ${wanted}${operand === undefined ? '' : ` ${operand}`}`
  }
  const extra = missing.find((field) => headers[(typeof field === 'string' ? field : field[0]).toLowerCase()] !== undefined && typeof field === 'string')
  return extra === undefined ? undefined : `${String(extra)} should not be there`
}

function faultAtOrigin({ requests }: SuiteTest, seen: readonly Seen[], answers: readonly Heard[]): string | undefined {
  let at = 0
  for (const [index, step] of requests.entries()) {
    if (step.expected_type === 'cached') continue // the origin is not asked
    const asked = seen[at++]
    const needs = step.expected_type === 'etag_validated' ? 'if-none-match' : step.expected_type === 'lm_validated' ? 'if-modified-since' : undefined
    if (needs !== undefined && asked?.request.headers[needs] === undefined) return `request ${index + 1} has no ${needs}`
    for (const field of step.expected_request_headers ?? []) {
      const [name, value] = typeof field === 'string' ? [field] : field
      const sent = asked?.request.headers[name.toLowerCase()]
      if (sent === undefined || (value !== undefined && sent !== value)) return `request ${index + 1} has ${name} '${String(sent)}'`
    }
    if (step.expected_method !== undefined && asked?.request.method !== step.expected_method) return `request ${index + 1} has method ${asked?.request.method}`
    const changed = asked?.checked.find((name) => flat(answers[index]!.headers[name]) !== flat(asked.sent[name]))
    if (changed !== undefined) return `answer ${index + 1} has ${changed} '${flat(answers[index]!.headers[changed])}', not '${flat(asked!.sent[changed])}'`
  }
  return undefined
}

function flat(value: Fields[string]): string {
  return value === undefined || typeof value === 'string' ? String(value) : value.join(', ')
}

function date(now: number, seconds: number, rfc850 = false): string {
  const text = new Date(now + seconds * 1_000).toUTCString()
  if (!rfc850) return text
  const [, day, month, year, time] = text.split(/,? /)
  const weekday = new Date(now + seconds * 1_000).toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' })
  return `${weekday}, ${day}-${month}-${year!.slice(2)} ${time} GMT`
}
