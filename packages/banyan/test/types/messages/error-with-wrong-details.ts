import { orders } from '../shop.ts'

throw orders.place.errors.UnknownProduct({ product: 'a' })
