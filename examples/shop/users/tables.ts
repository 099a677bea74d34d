import type { ColumnType } from 'kysely'
import type { Address, Role, SigningKey } from './contract.ts'

/** The tables of `migrations/`, for Kysely. */
export interface Tables {
  account: AccountRow
  address: AddressRow
  session: { session_id: string; user_id: string; started_at: Date; expires_at: Date; ended_at: Date | null; amr: string[] }
  refresh_token: { hash: string; session_id: string; used_at: Date | null }
  second_factor: { user_id: string; secret: string }
  recovery_code: { user_id: string; hash: string }
  challenge: { hash: string; user_id: string; expires_at: Date; wrong: number }
  signing_key: { generation: number; kid: string; private_jwk: Json<object>; public_jwk: Json<SigningKey>; signs_from: Date }
}
/** Written as JSON text, read as what it says. */
type Json<T> = ColumnType<T, string, string>

export interface AccountRow {
  user_id: string
  email: string
  name: string
  password: string
  roles: Role[]
  registered_at: Date
}
export interface AddressRow {
  user_id: string
  label: string
  recipient: string
  street: string
  postal_code: string
  city: string
  country: string
}

export function addressOf({ label, recipient, street, postal_code, city, country }: AddressRow): Address {
  return { label, recipient, street, postalCode: postal_code, city, country }
}
