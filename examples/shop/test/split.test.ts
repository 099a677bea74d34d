import { openSplit } from './open.ts'
import { scenarios } from './scenarios.ts'

scenarios('split', openSplit)
