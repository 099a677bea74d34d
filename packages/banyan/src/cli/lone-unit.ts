import { join } from 'node:path'
import { authority } from '../kernel/authority.ts'
import type { Instance } from '../network/discovery/registry.ts'
import { readTls } from '../security/read-tls.ts'
import { knownUnitSecret } from '../security/unit-secret.ts'
import { unitAsker, type Asked } from './ask-unit.ts'
import type { Io } from './io.ts'

interface App {
  readonly name: string
  readonly directory: string
}

interface LoneUnit extends AsyncDisposable {
  readonly isLone: true
  /** How it is, by its name. */
  read(): Promise<ReadonlyMap<string, readonly (Instance & Asked)[]>>
}

/** The only unit of a topology, which is in no registry: it is asked where BANYAN_URL says, or at this port of this machine. */
export async function loneUnit({ name, directory }: App, unit: string, port: number, io: Pick<Io, 'env'>): Promise<LoneUnit> {
  const tls = await readTls(undefined, io.env)
  const url = io.env['BANYAN_URL'] ?? `http${tls?.cert === undefined ? '' : 's'}://${authority('127.0.0.1', port)}`
  const ask = unitAsker(name, io.env['BANYAN_SECRET'] ?? (await knownUnitSecret(join(directory, '.banyan'))), tls)
  const id = `${unit}@${URL.parse(url)?.host ?? url}`
  return {
    isLone: true,
    read: async () => new Map([[unit, [{ id, unit, url, ...(await ask.status(url)) }]]]),
    [Symbol.asyncDispose]: () => ask[Symbol.asyncDispose](),
  }
}
