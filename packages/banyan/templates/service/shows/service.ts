import { anyone, role } from 'banyan'
import { announce, book, list } from './handlers.ts'
import { service } from './parts.ts'
import { showView } from './views.ts'

export default service({
  handlers: { announce, book, list },
  // a route without a rule is denied to all
  policies: {
    announce: { access: role('staff') },
    book: { access: role('guest') },
    list: { access: anyone() },
  },
  projections: [showView],
})
