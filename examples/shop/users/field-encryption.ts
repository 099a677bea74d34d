import { env, fieldKeys } from 'banyan'

/** Encrypts single fields; the development key is for everybody to read. */
export const fields = fieldKeys(env('SHOP_FIELD_KEYS', `development:${Buffer.from('only for development, 32 bytes..').toString('base64')}`))

/** Where somebody's secret stands: copied to another row, it cannot be read. */
export const secretPlace = (userId: string) => ({ table: 'second_factor', column: 'secret', row: userId })
