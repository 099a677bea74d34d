import { createServer } from 'node:http'

/** A server of stock levels, with addresses that nobody would choose today. */
createServer((request, response) => {
  const item = /^\/old\/levels\/([^/?]+)/.exec(request.url!)?.[1]
  response.setHeader('content-type', 'application/json')
  if (item === undefined) return void response.writeHead(404).end('{"error":"not here"}')
  response.end(JSON.stringify({ item, level: item.length, toldTo: request.headers['x-user-id'] ?? null }))
}).listen(Number(process.env['PORT'] ?? 4002), '127.0.0.1')
