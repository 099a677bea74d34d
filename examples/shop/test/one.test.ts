import { openOne } from './open.ts'
import { scenarios } from './scenarios.ts'

scenarios('one', openOne)
