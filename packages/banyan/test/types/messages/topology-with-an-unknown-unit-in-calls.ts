import { topology } from 'banyan'

topology({ units: { sales: { services: ['orders'], calls: { stok: { attempts: 2 } } }, stock: ['catalog'] } })
