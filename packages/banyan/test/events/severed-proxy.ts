import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type pg from 'pg'
import { connectClient } from '../../src/store/client.ts'

/** A way to the database that can be cut while the server goes on with what it was asked. */
export interface SeveredProxy extends AsyncDisposable {
  connect(): Promise<pg.Client>
  /** Cuts all connections on the client's side; the server's side stays open until `hangUp`. */
  cut(): void
  hangUp(): void
}

export async function severedProxy(pool: pg.Pool): Promise<SeveredProxy> {
  const { host = 'localhost', port = 5432, ...config } = pool.options as pg.ClientConfig
  const pairs = new Set<{ near: Socket; far: Socket }>()
  const server = createServer((near) => {
    const far = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host)
    const pair = { near, far }
    pairs.add(pair)
    near.pipe(far, { end: false })
    far.pipe(near, { end: false })
    near.on('error', () => {}).on('end', () => far.end())
    far
      .on('error', () => {})
      .on('close', () => {
        pairs.delete(pair)
        near.destroy()
      })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address() as { port: number }
  const hangUp = () => {
    for (const { near, far } of pairs) {
      near.destroy()
      far.destroy()
    }
  }
  return {
    connect: () => connectClient({ ...config, host: '127.0.0.1', port: address.port }),
    cut: () => {
      for (const { near } of pairs) near.destroy()
    },
    hangUp,
    async [Symbol.asyncDispose]() {
      hangUp()
      server.close()
      await once(server, 'close')
    },
  }
}
