import { anyone, role } from 'banyan'
import { add } from './add.ts'
import { catalog } from './contract.ts'
import { invalidation, service } from './parts.ts'
import { priceList, prices, product, products } from './products.ts'
import { reprice } from './reprice.ts'

export default service({
  handlers: { products, product, priceList, prices, add, reprice },
  policies: {
    products: { access: anyone() },
    // a price set for later begins without an event, so what shows it is not kept for long
    product: { access: anyone(), cache: { ttl: '1s', staleIfError: '1h', shared: true, tags: ({ sku }) => [`product:${sku}`], cdn: '0s' } },
    priceList: { access: anyone(), cache: { ttl: '5m', staleIfError: '1h', shared: true, tags: ({ sku }) => [`product:${sku}`], cdn: '0s' } },
    add: { access: role('staff') },
    reprice: { access: role('staff') },
  },
  invalidations: [invalidation(catalog.Listed, ({ sku }) => [`product:${sku}`]), invalidation(catalog.Repriced, ({ sku }) => [`product:${sku}`])],
})
