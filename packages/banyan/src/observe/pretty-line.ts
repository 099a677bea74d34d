const colours: Readonly<Record<string, string>> = { debug: '\u001B[2m', info: '\u001B[36m', warn: '\u001B[33m', error: '\u001B[31m' }
const RESET = '\u001B[0m'
const DIM = '\u001B[2m'

interface Entry {
  readonly time: string
  readonly level: string
  readonly message: string
  readonly service?: string
  readonly operation?: string
  readonly traceId?: string
  readonly spanId?: string
  readonly [field: string]: unknown
}

/** A JSON log line as a person at a terminal wants it: `12:03:44.123 info  orders.place placed orderId=7  trace 4bf92f35`. */
export function prettyLine(line: string): string {
  const { time, level, message, service, operation, traceId, spanId: _spanId, ...rest } = JSON.parse(line) as Entry
  const where = [service, operation].filter((part) => part !== undefined).join('.')
  const stacks: string[] = []
  const fields = Object.entries(rest).map(([name, value]) => `${DIM}${name}=${RESET}${field(value, stacks)}`)
  const head = [`${DIM}${time.slice(11, 23)}${RESET}`, `${colours[level] ?? ''}${level.padEnd(5)}${RESET}`, where, message, ...fields]
  const trace = traceId === undefined ? '' : `  ${DIM}trace ${traceId.slice(0, 8)}${RESET}`
  return `${head.filter((part) => part !== '').join(' ')}${trace}\n${stacks.map((stack) => `${DIM}${stack}${RESET}\n`).join('')}`
}

function field(value: unknown, stacks: string[]): string {
  if (typeof value === 'string') return /^[\w.:/@+-]+$/.test(value) ? value : JSON.stringify(value)
  if (typeof value === 'object' && value !== null && 'stack' in value && typeof value.stack === 'string') {
    stacks.push(indent(value.stack), ...causes(value))
    return 'message' in value ? JSON.stringify(value.message) : ''
  }
  if (typeof value === 'object' && value !== null && 'code' in value && 'message' in value)
    return JSON.stringify(`${String(value.code)}: ${String(value.message)}`)
  return JSON.stringify(value)
}

function causes(error: object): string[] {
  if (!('cause' in error) || typeof error.cause !== 'object' || error.cause === null) return []
  const { stack } = error.cause as { stack?: unknown }
  return [...(typeof stack === 'string' ? [indent(`caused by ${stack}`)] : []), ...causes(error.cause)]
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '    ')
}
