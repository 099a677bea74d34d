import { BanyanError } from '../kernel/errors.ts'
import type { ServiceFacts } from '../model/service.ts'
import type { Env } from '../model/setting.ts'
import type { Environment } from './settings.ts'

export interface SecretsParts extends Pick<Environment, 'variables'> {
  /** The services that run here, by name. */
  readonly services: ReadonlyMap<string, Pick<ServiceFacts, 'secrets'>>
  readonly development: boolean
}

/** Throws `invalid_configuration` for secrets that are missing, all at once: whoever reads the code would know those that it has for development. */
export function checkSecrets({ services, development, variables }: SecretsParts): void {
  const wrong = [...services].flatMap(([service, { secrets }]) =>
    secrets.flatMap((secret) => {
      const trouble = troubleOf(secret, variables[secret.name], development)
      return trouble === undefined ? [] : [`${secret.name} of service '${service}' ${trouble}`]
    }),
  )
  if (wrong.length === 0) return
  const advice = development ? 'set it' : 'set a value of your own: what the code has is for development, and everybody can read it'
  throw new BanyanError('invalid_configuration', `${wrong.join('; ')}; ${advice}`)
}

function troubleOf({ fallback }: Env, value: string | undefined, development: boolean): string | undefined {
  if (value === '') return 'is empty'
  if (value === undefined) return development && fallback !== undefined ? undefined : 'is not set'
  return !development && value === fallback ? 'is the value for development' : undefined
}
