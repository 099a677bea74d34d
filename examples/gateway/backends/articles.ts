import { createServer } from 'node:http'

/** A server of articles, as somebody may have written it long ago: what may be cached it says itself. */
const articles: Readonly<Record<string, { readonly title: string }>> = { '1': { title: 'On figs' }, '2': { title: 'On roots that come from above' } }
let asked = 0

createServer((request, response) => {
  if (request.url === '/health') return void response.end('well')
  const article = articles[request.url!.replace('/articles/', '')]
  response.setHeader('content-type', 'application/json')
  if (!article) return void response.writeHead(404).end('{"error":"no such article"}')
  response.setHeader('cache-control', 'public, max-age=2')
  response.end(JSON.stringify({ ...article, asked: ++asked }))
}).listen(Number(process.env['PORT'] ?? 4001), '127.0.0.1')
