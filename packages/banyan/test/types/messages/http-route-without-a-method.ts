import { query } from 'banyan'

query({ http: '/orders' })
