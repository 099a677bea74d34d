import { env, fieldKeys } from 'banyan'

/** The keys of fields; the one that stands here is for everybody to read, and for development. */
export const keysOfFields = env('SHOP_FIELD_KEYS', `development:${Buffer.from('only for development, 32 bytes..').toString('base64')}`)

/** Encrypts single fields. */
export const fields = fieldKeys(keysOfFields)

/** Where somebody's secret stands: copied to another row, it cannot be read. */
export const secretPlace = (userId: string) => ({ table: 'second_factor', column: 'secret', row: userId })
