import { app } from 'banyan'

export default app(process.env['ORCHARD'] ?? 'orchard', {
  services: { trees: () => import('./trees.ts'), cellar: () => import('./cellar.ts') },
})
