import type { Command } from './command.ts'
import { dbPlan } from './commands/db-plan.ts'
import { dev } from './commands/dev.ts'
import { events } from './commands/events.ts'
import { migrate } from './commands/migrate.ts'
import { routes } from './commands/routes.ts'
import { services } from './commands/services.ts'
import { start } from './commands/start.ts'
import { token } from './commands/token.ts'

/** All commands, in the order in which one meets them. */
export const commands: readonly Command[] = [dev, start, routes, services, events, token, migrate, dbPlan]
