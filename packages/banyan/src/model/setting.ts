/** A setting that is read from the environment when a unit starts. */
export interface Env {
  readonly kind: 'env'
  readonly name: string
  readonly fallback: string | undefined
}

/** `env('DATABASE_URL')`: read when a unit starts, so that one configuration file serves every environment. */
export function env(name: string, fallback?: string): Env {
  return { kind: 'env', name, fallback }
}
export type Setting = string | Env
