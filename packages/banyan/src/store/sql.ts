/** What the framework needs of a PostgreSQL connection or pool; node-postgres clients and pools are ones, and so is anything that looks like them. */
export interface Sql {
  query<Row extends object = Record<string, unknown>>(text: string, values?: unknown[]): Promise<{ rows: Row[]; rowCount: number | null }>
}
