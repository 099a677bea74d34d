import { appendFunction } from './append-function.ts'
import { commitFunction } from './commit-function.ts'
import { judgeFunction } from './judge-function.ts'
import { monthFunctions } from './month-functions.ts'
import { tables } from './tables.ts'
import { forgetRefusals, refusalTable } from './refusals.ts'
import { tenantFunction } from './tenant-function.ts'
import { troubleColumn } from './trouble.ts'

/** The migrations of the framework's own tables and functions, for every service's schema; run by its owner with the search path set to it. */
export const frameworkMigrations: readonly { readonly id: number; readonly name: string; readonly sql: string }[] = [
  { id: 1, name: 'log', sql: tables + appendFunction + judgeFunction + commitFunction + monthFunctions },
  { id: 2, name: 'trouble', sql: troubleColumn },
  { id: 3, name: 'access', sql: tenantFunction + refusalTable },
  { id: 4, name: 'refusals', sql: forgetRefusals },
]
