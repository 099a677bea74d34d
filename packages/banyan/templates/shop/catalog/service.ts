import { anyone, role } from 'banyan'
import { add, prices, products } from './handlers.ts'
import { service } from './parts.ts'

export default service({
  handlers: { add, products, prices },
  // a route without a rule is denied to all
  policies: { add: { access: role('staff') }, products: { access: anyone() } },
})
