import { authenticated, role, services } from 'banyan'
import { deliver } from './deliver.ts'
import { orderLetters } from './order-letters.ts'
import { service } from './parts.ts'
import { mine, outbox } from './queries.ts'
import { recipients } from './recipients.ts'

export default service({
  handlers: { mine, outbox, deliver },
  policies: {
    mine: { access: authenticated() },
    outbox: { access: role('staff') },
    deliver: { access: services('notifications') },
  },
  reactions: [...recipients, ...orderLetters],
})
