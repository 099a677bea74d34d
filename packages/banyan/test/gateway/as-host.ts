import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'

/** Asks a server as the host that clients know it by, so that its resources are those of all servers behind that name. `fetch` cannot. */
export async function asHost(url: string, { host = 'shop.example.com', method = 'GET' } = {}): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => request(url, { method, headers: { host } }, resolve).on('error', reject).end())
  return { status: answer.statusCode!, text: await text(answer) }
}
