import { runners } from 'banyan/testing'
import { openShop } from './open.ts'
import { scenarios } from './scenarios.ts'

for (const runner of runners) scenarios(runner.name, () => openShop(runner))
