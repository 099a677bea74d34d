import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Service {
  readonly ID: string
  readonly Name: string
  readonly Check: { readonly TTL?: string }
  passing: boolean
  timer?: NodeJS.Timeout
}

/** Answers as Consul's HTTP API documents for services with TTL checks and for blocking queries of health. */
export interface ConsulStandIn extends AsyncDisposable {
  readonly url: string
  /** Queries of health, as `index` asked with. */
  readonly asked: (string | null)[]
  /** Ids in the order of their registrations. */
  readonly registered: string[]
  connections(): Promise<number>
  /** As after a restart of Consul's servers: the index begins again. */
  rewind(): void
  /** As after a restart of the agent without its data. */
  forget(): void
  /** Answers 500 to everything while true. */
  broken: boolean
}

export async function consulStandIn(): Promise<ConsulStandIn> {
  const services = new Map<string, Service>()
  const waiting = new Set<() => void>()
  const asked: (string | null)[] = []
  const registered: string[] = []
  let index = 10
  const changed = (): void => {
    index++
    for (const wake of waiting) wake()
  }
  const renew = (service: Service): void => {
    clearTimeout(service.timer)
    if (!service.passing) {
      service.passing = true
      changed()
    }
    service.timer = setTimeout(
      () => {
        service.passing = false
        changed()
      },
      Number.parseInt(service.Check.TTL ?? '', 10),
    )
  }
  const drop = (id: string): void => {
    clearTimeout(services.get(id)?.timer)
    if (services.delete(id)) changed()
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://consul')
    const name = decodeURIComponent(url.pathname.split('/').at(-1) ?? '')
    const end = (status: number, body = '') => void response.writeHead(status, { 'x-consul-index': index }).end(body)
    if (standIn.broken) return end(500, 'No cluster leader')
    if (url.pathname === '/v1/agent/service/register') {
      const service = { ...(JSON.parse(Buffer.concat(await request.toArray()).toString()) as Service), passing: false }
      drop(service.ID)
      registered.push(service.ID)
      services.set(service.ID, service)
      renew(service)
      return end(200)
    }
    if (url.pathname.startsWith('/v1/agent/check/pass/')) {
      const service = services.get(name.replace(/^service:/, ''))
      if (!service) return end(404, `Unknown check ID "${name}"`)
      renew(service)
      return end(200)
    }
    if (url.pathname.startsWith('/v1/agent/service/deregister/')) {
      if (!services.has(name)) return end(404, `Unknown service ID "${name}"`)
      drop(name)
      return end(200)
    }
    asked.push(url.searchParams.get('index'))
    if (Number(url.searchParams.get('index') ?? 0) >= index) await change(Number.parseInt(url.searchParams.get('wait') ?? '300000', 10), response)
    const passing = [...services.values()].filter((service) => service.Name === name && service.passing)
    end(200, JSON.stringify(passing.map(({ timer: _timer, passing: _passing, ...Service }) => ({ Node: { Address: '127.0.0.1' }, Service }))))
  }

  function change(ms: number, response: ServerResponse): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        waiting.delete(done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      waiting.add(done)
      response.once('close', done)
    })
  }

  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const standIn: ConsulStandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    registered,
    broken: false,
    connections: () => new Promise((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count)))),
    rewind: () => {
      index = 0
      changed()
    },
    forget: () => {
      for (const id of services.keys()) drop(id)
    },
    [Symbol.asyncDispose]: async () => {
      for (const { timer } of services.values()) clearTimeout(timer)
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return standIn
}
