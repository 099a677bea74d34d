import { once } from 'node:events'
import type { App } from '../model/app.ts'
import { start } from '../runtime/start.ts'
import { divided } from './divided.ts'
import type { UnitOrder } from './unit-process.ts'

/** The program of a unit in a process of its own; it stops when its parent lets go of it. */
const { module, options } = JSON.parse(process.argv[2]!) as UnitOrder
const { default: app } = (await import(module)) as { readonly default: App<{}> }
await using unit = await start(divided(app), options)
process.send?.(unit.url)
await once(process, 'disconnect')
