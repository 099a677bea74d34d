import { CompiledQuery } from 'kysely'
import type { ServiceDatabase } from '../store/service-database.ts'
import type { TableReading } from './contexts.ts'

/** Reads a service's tables; with a tenant, what row-level security leaves of them for that one. */
export function tableReading(database: ServiceDatabase, tenant: string | undefined): TableReading {
  const reader = database.reader<never>(tenant)
  return {
    reader,
    query: async <Row extends object>(text: string, values: readonly unknown[] = []) => {
      const { rows } = await reader.executeQuery<Row>(CompiledQuery.raw(text, [...values]))
      return rows as Row[]
    },
  }
}
