import { anyone, from, role, services } from 'banyan'
import { expire } from './expire.ts'
import { service } from './parts.ts'
import { ledger, level, movements } from './queries.ts'
import { receive } from './receive.ts'
import { release } from './release.ts'
import { reservation } from './reservation.ts'
import { reserve } from './reserve.ts'
import { sell } from './sell.ts'
import { movement, stockLevel } from './views.ts'

export default service({
  handlers: { receive, expire, level, movements, ledger },
  publishes: {
    Reserved: from(reservation, 'Held', (_held, { id }) => ({ orderId: id })),
    Expired: from(reservation, 'Expired', (_expired, { id }) => ({ orderId: id })),
    SoldOut: from(reservation, 'Refused', ({ short }, { id }) => ({ orderId: id, short })),
  },
  policies: {
    receive: { access: role('staff') },
    expire: { access: services('inventory') },
    level: { access: anyone() },
    movements: { access: role('staff') },
    ledger: { access: role('staff') },
  },
  projections: [stockLevel, movement],
  reactions: [reserve, ...release, ...sell],
})
