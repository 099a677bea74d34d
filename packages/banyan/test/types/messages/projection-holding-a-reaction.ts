import { on, orders, projection } from '../shop.ts'

projection('order_view', { version: 1 }, () => [on(orders.Placed, () => undefined)])
