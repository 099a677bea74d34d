import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { BanyanError, messageOf } from '../kernel/errors.ts'
import { misuse, type Arguments } from './arguments.ts'
import type { Io } from './io.ts'

const DEFAULT_PORT = 3000
const LAST_PORT = 65_535

/** The port of `--port`, else of PORT, else 3000. */
export function portOf(args: Arguments, { env }: Io): number {
  const given = args.number('port', LAST_PORT)
  const variable = env['PORT']
  if (given !== undefined || variable === undefined || variable === '') return given ?? DEFAULT_PORT
  if (/^\d+$/.test(variable) && Number(variable) <= LAST_PORT) return Number(variable)
  throw new BanyanError('invalid_configuration', `PORT is '${variable}', which is no port; set it to a number from 0 to ${LAST_PORT}, or give --port`)
}

/** A port that nothing listens on now and that is not `taken`; `port` itself unless it is 0. Throws `port_in_use`, or `usage` where the host is none of this machine. */
export async function freePort(port: number, host: string, taken: readonly number[] = []): Promise<number> {
  const found = await probe(port, host)
  return port === 0 && taken.includes(found) ? freePort(0, host, taken) : found
}

async function probe(port: number, host: string): Promise<number> {
  const server = createServer()
  try {
    server.listen(port, host)
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE')
      throw misuse(`this machine cannot listen on --host ${host}, port ${port} (${messageOf(error)}); 127.0.0.1 is for this machine alone, 0.0.0.0 for all`)
    throw new BanyanError('port_in_use', `another process listens on ${host}:${port}; stop it, or choose another with --port (0 takes a free one)`, {
      cause: error,
    })
  } finally {
    server.close()
  }
}
