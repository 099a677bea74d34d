import { createServer } from 'node:http'

/** A server that knows nothing of the shop or of Banyan. */
const reviews = new Map([
  ['TEA-001', { stars: 5, text: 'Smells of a campfire, in the best way.' }],
  ['POT-001', { stars: 4, text: 'Pours well, and chips easily.' }],
])
let asked = 0

const server = createServer((request, response) => {
  const [, , sku = '', rest] = (request.url ?? '').split('/')
  const found = reviews.get(sku)
  response.setHeader('content-type', 'application/json')
  if (request.url === '/health') return response.end('{}')
  asked++
  if (!found) return response.writeHead(404).end(JSON.stringify({ error: `nobody has said anything of ${sku}` }))
  if (rest === 'votes') return response.writeHead(202).end('{}')
  // kept by caches for two seconds
  response.setHeader('cache-control', 'public, max-age=2')
  response.end(JSON.stringify({ sku, ...found, asked }))
})
server.listen(Number(process.env['PORT'] ?? 4001), '127.0.0.1', () => process.send?.('ready'))
process.once('SIGTERM', () => server.close())
process.once('SIGTERM', () => server.closeAllConnections())
