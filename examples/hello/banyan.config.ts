import { app } from 'banyan'

export default app('hello', { services: { hello: () => import('./hello.ts') } })
