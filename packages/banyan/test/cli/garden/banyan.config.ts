import { app, topology } from 'banyan'

export default app(process.env['GARDEN'] ?? 'garden', {
  services: { beds: () => import('./beds.ts'), diary: () => import('./diary.ts') },
  topologies: { split: topology({ units: { front: ['beds'], back: ['diary'] } }) },
})
