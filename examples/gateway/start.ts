import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { backend, edge, ended } from './processes.ts'

const stop = new AbortController()
const told = once(stop.signal, 'abort')
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort())

const key = randomBytes(32).toString('base64url')
const hash = `sha256:${createHash('sha256').update(key).digest('hex')}`
const backends = [backend('articles', 4001), backend('stock', 4002)]
const { process: gateway, url } = await edge('gateway.yaml', Number(process.env['PORT'] ?? 3000), { PARTNER_KEY_HASH: hash }, (line) => console.error(line))

console.log(`
Two servers, and the gateway in front of them: ${url}

  curl -i ${url}/articles/1                                  # twice within 2 s: from the cache
  curl -i ${url}/v1/stock/figs                               # refused: a partner's key is needed
  curl -i ${url}/v1/stock/figs -H 'x-api-key: ${key}'
                                                             # six times: the sixth is too many
  kill ${backends[0]!.pid}                                   # the articles are gone: those in the cache are served for an hour

Change gateway.yaml while it runs. Ctrl-C ends all three.
`)
await told
for (const child of [gateway, ...backends]) await ended(child)
