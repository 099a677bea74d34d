import type { AnyOperation } from 'banyan/types'
import { catalog } from '../catalog/contract.ts'
import { inventory } from '../inventory/contract.ts'
import { notifications } from '../notifications/contract.ts'
import { orders } from '../orders/contract.ts'
import { payments } from '../payments/contract.ts'
import { shipping } from '../shipping/contract.ts'
import { users } from '../users/contract.ts'

/** What a contract says of one operation. */
export interface Stated {
  readonly service: string
  readonly name: string
  readonly http: string | undefined
}

/** Every operation of the shop, as its contracts say. */
export function operationsOf(): readonly Stated[] {
  return [catalog, inventory, notifications, orders, payments, shipping, users].flatMap((contract) =>
    Object.values(contract as unknown as Readonly<Record<string, AnyOperation | string>>).flatMap((member) =>
      typeof member === 'object' && 'facts' in member ? [{ service: member.service, name: member.name, http: member.facts.http }] : [],
    ),
  )
}
