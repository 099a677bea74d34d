import { anyone } from 'banyan'
import { byId, cancel, place, service } from '../shop.ts'

service({ handlers: { place, cancel, byId }, policies: { placed: { access: anyone() } } })
