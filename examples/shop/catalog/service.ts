import { anyone, role } from 'banyan'
import { add } from './add.ts'
import { service } from './parts.ts'
import { priceList, prices, product, products } from './products.ts'
import { reprice } from './reprice.ts'

export default service({
  handlers: { products, product, priceList, prices, add, reprice },
  policies: {
    products: { access: anyone() },
    product: { access: anyone() },
    priceList: { access: anyone() },
    add: { access: role('staff') },
    reprice: { access: role('staff') },
  },
})
