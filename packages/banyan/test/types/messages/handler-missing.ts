import { cancel, place, service } from '../shop.ts'

service({ handlers: { place, cancel } })
