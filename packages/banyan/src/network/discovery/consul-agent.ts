import type { Pool } from 'undici'
import { authority } from '../../kernel/authority.ts'
import { BanyanError, messageOf } from '../../kernel/errors.ts'
import type { Instance } from './registry.ts'

export interface ConsulAgentOptions {
  readonly app: string
  /** The agent of this machine: `http://127.0.0.1:8500`. */
  readonly url: string
  /** An ACL token that may write and read the app's services. */
  readonly token?: string | undefined
  /** Milliseconds without a renewal after which an instance is not passing any more; 10,000 unless said. */
  readonly leaseMs?: number
  /** Lets Consul ask this path of the instance every third of `leaseMs`, instead of the instance telling Consul that it lives. */
  readonly healthPath?: string | undefined
  /** How long a question may wait for a change, in milliseconds; five minutes unless said. */
  readonly waitMs?: number
}

/** The few questions of Consul's HTTP API that a registry needs. All throw `unavailable`. */
export interface ConsulAgent extends AsyncDisposable {
  register(instance: Instance): Promise<void>
  /** Renews the TTL check of the instance. */
  pass(id: string): Promise<void>
  /** Throws unless the agent has the instance. */
  known(id: string): Promise<void>
  deregister(id: string): Promise<void>
  /** The passing instances; waits for a change after `index` unless that is 0. */
  passing(unit: string, index: number, signal: AbortSignal): Promise<{ readonly index: number; readonly instances: readonly Instance[] }>
}

interface Entry {
  readonly Node: { readonly Address: string }
  readonly Service: {
    readonly ID: string
    readonly Address: string
    readonly Port: number
    readonly Meta?: Readonly<Record<string, string>> | null
    readonly Weights?: { readonly Passing: number }
  }
}

/** A service that fails its check for so long is forgotten by Consul; it takes no less than a minute. */
const FORGOTTEN = '1m'
const ANSWER_MS = 5_000

export function consulAgent({ app, url, token, leaseMs = 10_000, healthPath, waitMs = 300_000 }: ConsulAgentOptions): ConsulAgent {
  let pool: Promise<Pool> | undefined
  const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { 'x-consul-token': token }) }

  async function ask(method: 'GET' | 'PUT', path: string, body?: unknown, wait = 0, signal?: AbortSignal) {
    const limit = AbortSignal.timeout(ANSWER_MS + wait)
    try {
      pool ??= import('undici').then(({ Pool }) => new Pool(url, { headersTimeout: 0, bodyTimeout: 0 }))
      const bounded = signal ? AbortSignal.any([signal, limit]) : limit
      const answer = await (await pool).request({ method, path, headers, body: body === undefined ? null : JSON.stringify(body), signal: bounded })
      const text = await answer.body.text()
      if (answer.statusCode === 200) return { text, headers: answer.headers }
      throw new BanyanError('unavailable', `Consul at ${url} answered ${answer.statusCode} to ${path}: ${text}`)
    } catch (error) {
      if (BanyanError.is(error)) throw error
      throw new BanyanError('unavailable', `Consul at ${url} cannot be reached: ${messageOf(error)}`, { executed: 'maybe', cause: error })
    }
  }

  const check = (instance: Instance) =>
    healthPath === undefined
      ? { TTL: `${leaseMs}ms`, Status: 'passing', DeregisterCriticalServiceAfter: FORGOTTEN }
      : {
          HTTP: new URL(healthPath, instance.url).href,
          Interval: `${Math.ceil(leaseMs / 3)}ms`,
          Timeout: `${Math.ceil(leaseMs / 3)}ms`,
          Status: 'passing',
          DeregisterCriticalServiceAfter: FORGOTTEN,
        }

  return {
    async register(instance) {
      const { protocol, hostname, port } = new URL(instance.url)
      await ask('PUT', '/v1/agent/service/register?replace-existing-checks=true', {
        ID: instance.id,
        Name: `${app}-${instance.unit}`,
        Address: hostname.replace(/^\[|\]$/g, ''),
        Port: Number(port || (protocol === 'https:' ? 443 : 80)),
        Meta: metaOf(instance),
        Weights: { Passing: Math.max(1, Math.round(instance.weight ?? 1)), Warning: 1 },
        Check: check(instance),
      })
    },
    pass: async (id) => void (await ask('PUT', `/v1/agent/check/pass/${encodeURIComponent(`service:${id}`)}`)),
    known: async (id) => void (await ask('GET', `/v1/agent/service/${encodeURIComponent(id)}`)),
    deregister: async (id) => void (await ask('PUT', `/v1/agent/service/deregister/${encodeURIComponent(id)}`)),
    async passing(unit, index, signal) {
      const query = index === 0 ? '' : `&index=${index}&wait=${waitMs}ms`
      // Consul adds up to a sixteenth of the wait
      const answer = await ask(
        'GET',
        `/v1/health/service/${encodeURIComponent(`${app}-${unit}`)}?passing=1${query}`,
        undefined,
        Math.ceil((waitMs * 17) / 16),
        signal,
      )
      return { index: Number(answer.headers['x-consul-index'] ?? 0) || 0, instances: (JSON.parse(answer.text) as Entry[]).map((entry) => read(unit, entry)) }
    },
    async [Symbol.asyncDispose]() {
      await (await pool)?.destroy()
    },
  }
}

/** Consul's weights are whole numbers, and it has no place for an origin or a zone. */
function metaOf({ url, zone, weight }: Instance): Record<string, string> {
  return { url, ...(zone === undefined ? {} : { zone }), ...(weight === undefined ? {} : { weight: String(weight) }) }
}

function read(unit: string, { Node, Service }: Entry): Instance {
  const meta = Service.Meta ?? {}
  const host = Service.Address || Node.Address
  const url = meta['url'] ?? `http://${authority(host, Service.Port)}`
  const zone = meta['zone']
  const weight = Number(meta['weight'] ?? Service.Weights?.Passing ?? 1)
  return { id: Service.ID, unit, url, ...(zone === undefined ? {} : { zone }), ...(weight === 1 ? {} : { weight }) }
}
