import { app } from 'banyan'

export default app('service', { services: { shows: () => import('./shows/service.ts') } })
