import type { Entry } from './command.ts'

/** All commands, in the order in which one meets them. */
export const commands: readonly Entry[] = [
  { name: 'init', summary: 'make a new project that runs and is tested', load: async () => (await import('./commands/init.ts')).init },
  { name: 'dev', summary: 'run the app for development, and again whenever a file changes', load: async () => (await import('./commands/dev.ts')).dev },
  { name: 'start', summary: 'run one unit, in production', load: async () => (await import('./commands/start.ts')).start },
  { name: 'routes', summary: 'list the HTTP routes, what each runs and who may call it', load: async () => (await import('./commands/routes.ts')).routes },
  {
    name: 'access',
    summary: 'say who may do what, and why',
    load: async () => (await import('./commands/access.ts')).access,
  },
  {
    name: 'services',
    summary: 'describe the services: operations, events, whom they use, where they run',
    load: async () => (await import('./commands/services.ts')).services,
  },
  {
    name: 'events',
    summary: 'show what happened: the events of the logs, and what led to what',
    load: async () => (await import('./commands/events.ts')).events,
  },
  {
    name: 'audit',
    summary: 'show who did what, and who was refused what and why',
    load: async () => (await import('./commands/audit.ts')).audit,
  },
  { name: 'token', summary: 'print a token to log in with during development', load: async () => (await import('./commands/token.ts')).token },
  { name: 'keys create', summary: 'make an API key', load: async () => (await import('./commands/keys.ts')).keysCreate },
  { name: 'keys list', summary: 'list the API keys, and when they were last used', load: async () => (await import('./commands/keys.ts')).keysList },
  { name: 'keys rotate', summary: 'give an API key a new secret', load: async () => (await import('./commands/keys.ts')).keysRotate },
  { name: 'keys revoke', summary: 'end an API key', load: async () => (await import('./commands/keys.ts')).keysRevoke },
  {
    name: 'migrate',
    summary: 'make schemas and roles, and apply the migrations that are missing',
    load: async () => (await import('./commands/migrate.ts')).migrate,
  },
  {
    name: 'db plan',
    summary: 'print the SQL that makes schemas and roles, for a DBA to run',
    load: async () => (await import('./commands/db-plan.ts')).dbPlan,
  },
  {
    name: 'gateway start',
    summary: 'pass requests on to foreign servers, as a gateway file says',
    load: async () => (await import('./commands/gateway-start.ts')).gatewayStart,
  },
  {
    name: 'gateway check',
    summary: 'find the mistakes of a gateway file, or list its routes',
    load: async () => (await import('./commands/gateway-check.ts')).gatewayCheck,
  },
  {
    name: 'gateway purge',
    summary: 'have gateways that share a Redis forget what they keep of answers',
    load: async () => (await import('./commands/gateway-purge.ts')).gatewayPurge,
  },
  {
    name: 'gateway schema',
    summary: 'print the JSON Schema of gateway files, for editors',
    load: async () => (await import('./commands/gateway-schema.ts')).gatewaySchemaCommand,
  },
  {
    name: 'gateway password',
    summary: 'print the hash of a password, for the policy basic of a gateway file',
    load: async () => (await import('./commands/gateway-password.ts')).gatewayPassword,
  },
]
