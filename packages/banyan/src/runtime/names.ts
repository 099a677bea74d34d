import { OPERATOR } from '../model/access.ts'

/** Names become schemas, roles, tables and URL segments, so they are plain: `orders`, `orderItems`. */
export function nameProblem(name: string): string | undefined {
  if (name === OPERATOR) return 'is not `operator`, which stands for whoever runs the app'
  if (!/^[a-z][a-zA-Z0-9]*$/.test(name)) return 'starts with a lower-case letter and has only letters and digits after it'
  return name.length > 24 ? 'has at most 24 characters, because PostgreSQL cuts names made from it' : undefined
}
