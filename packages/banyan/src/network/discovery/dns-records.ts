import type { RecordWithTtl, SrvRecord } from 'node:dns'
import type { Resolver } from 'node:dns/promises'
import { authority } from '../../kernel/authority.ts'
import type { Instance } from './registry.ts'

export interface Resolved {
  readonly instances: readonly Instance[]
  /** The shortest TTL of the records that tell one. */
  readonly ttlMs: number | undefined
}

/** RFC 2782 gives records of weight 0 a very small chance beside others. */
const SMALL = 0.01

/** Every IPv4 and IPv6 address of the host. Throws where DNS neither has an address nor says that there is none. */
export async function addressesOf(resolver: Resolver, unit: string, host: string, port: number): Promise<Resolved> {
  const records = await hostRecords(resolver, host)
  return { instances: unique(records.map(({ address }) => instanceAt(unit, address, port))), ttlMs: shortest(records) }
}

/** The targets of the best (lowest) priority, each address an instance with its share of the record's weight. */
export async function servicesOf(resolver: Resolver, unit: string, name: string): Promise<Resolved> {
  const records = (await noneIfAbsent(resolver.resolveSrv(name))).filter((record) => record.name !== '' && record.name !== '.')
  const best = Math.min(...records.map((record) => record.priority))
  const chosen = records.filter((record) => record.priority === best)
  const weighted = chosen.some((record) => record.weight > 0)
  const targets = await Promise.all(chosen.map(async (record) => ({ record, found: await hostRecords(resolver, record.name) })))
  const instances = targets.flatMap(({ record, found }) =>
    found.map(({ address }) => ({ ...instanceAt(unit, address, record.port), weight: weighted ? weightOf(record) / found.length : 1 })),
  )
  return { instances: unique(instances), ttlMs: shortest(targets.flatMap(({ found }) => found)) }
}

function weightOf({ weight }: SrvRecord): number {
  return weight === 0 ? SMALL : weight
}

async function hostRecords(resolver: Resolver, host: string): Promise<RecordWithTtl[]> {
  const asked = [noneIfAbsent(resolver.resolve4(host, { ttl: true })), noneIfAbsent(resolver.resolve6(host, { ttl: true }))]
  const answers = await Promise.allSettled(asked)
  const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  const failed = answers.find((answer) => answer.status === 'rejected')
  // some servers fail on the kind of address that they do not have
  if (found.length === 0 && failed) throw failed.reason
  return found
}

/** That a name or its records do not exist is an answer; anything else is a failure. */
async function noneIfAbsent<T>(asked: Promise<T[]>): Promise<T[]> {
  try {
    return await asked
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENODATA' || code === 'ENOTFOUND') return []
    throw error
  }
}

function instanceAt(unit: string, address: string, port: number): Instance {
  const place = authority(address, port)
  return { id: `${unit}@${place}`, unit, url: `http://${place}` }
}

function unique(instances: readonly Instance[]): Instance[] {
  return [...new Map(instances.map((instance) => [instance.id, instance])).values()]
}

function shortest(records: readonly RecordWithTtl[]): number | undefined {
  return records.length === 0 ? undefined : Math.min(...records.map(({ ttl }) => ttl)) * 1_000
}
