import { fileURLToPath } from 'node:url'
import { Deadline, beforeDeadline } from '../../kernel/deadline.ts'
import { BanyanError, messageOf } from '../../kernel/errors.ts'
import type { Endpoint } from './endpoint.ts'
import type { Exchange } from './exchange.ts'
import type { ForeignDescription } from './foreign.ts'
import { openApi } from './openapi.ts'
import { jsonBody, type EndpointContext } from './operation-endpoints.ts'
import type { ExtraRoute, HttpServerOptions, Readiness } from './options.ts'
import { pages } from './pages.ts'
import type { Reply } from './reply.ts'

const READY_MS = 5_000

/** `/livez`, `/readyz`, `/openapi.json` and `/reference`: for everybody, without a token, and also when the process is full. */
export function frameworkEndpoints(options: HttpServerOptions, leaving: () => boolean): readonly Endpoint[] {
  let document: string | undefined
  let described: ForeignDescription | undefined
  const describe = (): Reply => {
    const foreign = options.foreign?.description?.()
    if (foreign !== described) document = undefined
    described = foreign
    document ??= JSON.stringify(openApi({ title: options.title, operations: options.operations, access: (operation) => options.access(operation), foreign }))
    return { status: 200, body: document }
  }
  return [
    get('/livez', () => (options.health.live() ? json(200, { status: 'live' }) : json(503, { status: 'failed' }))),
    get('/readyz', async () => {
      const { ready, checks } = await readiness(options)
      const away = leaving()
      return json(ready && !away ? 200 : 503, { status: away ? 'draining' : ready ? 'ready' : 'not ready', checks })
    }),
    // a gateway by itself says what it serves where no route of its takes that path
    ...(options.operations.length === 0 && options.foreign ? [] : [get('/openapi.json', describe)]),
    ...(options.reference ? referenceEndpoints() : []),
  ]
}

/** A page that shows what `/openapi.json` says and sends requests. */
function referenceEndpoints(): readonly Endpoint[] {
  const files = pages({ directory: fileURLToPath(new URL('./reference/', import.meta.url)) })
  const file = async ({ request, target }: Exchange, name: string) => {
    const reply = await files(request, `/${name}`)
    if (!reply) throw new BanyanError('not_found', `the reference has no ${target.path}; it begins at /reference`)
    return reply
  }
  return [get('/reference', (exchange) => file(exchange, 'index.html')), get('/reference/:file', (exchange, { file: name = '' }) => file(exchange, name))]
}

function get(path: string, answer: Endpoint['answer']): Endpoint {
  return { method: 'GET', path, to: 'outside', answer }
}

function json(status: number, value: unknown): Reply {
  return { status, body: JSON.stringify(value) }
}

async function readiness({ health, log }: HttpServerOptions): Promise<Readiness> {
  try {
    return await beforeDeadline(health.ready(), Deadline.in(READY_MS), 'the readiness check')
  } catch (error) {
    log.warn('the readiness check failed', { error })
    return { ready: false, checks: { readiness: { ok: false, detail: `the check failed: ${messageOf(error)}` } } }
  }
}

/** Routes of the framework that are no operations, such as the development issuer's. */
export function extraEndpoint(route: ExtraRoute, { limits, inFlight }: Pick<EndpointContext, 'limits' | 'inFlight'>): Endpoint {
  return {
    method: route.method,
    path: route.path,
    to: 'outside',
    async answer(exchange, parameters) {
      inFlight.wait(exchange)
      const { request, response, target, signal } = exchange
      const query = new URLSearchParams(target.query)
      return route.answer({ request, response, parameters, query, signal, json: () => jsonBody(exchange, limits.bodyBytes) })
    },
  }
}
