import { BanyanError } from '../kernel/errors.ts'
import type { App } from '../model/app.ts'
import { accessLog, accessLogForms, type AccessLog } from '../observe/access-log.ts'
import { standardOutput, type LogDestination } from '../observe/log.ts'

const VARIABLE = 'BANYAN_ACCESS_LOG'

/** What is wrong with the form that an app says its access log has. */
export function accessLogMistakes({ http: { accessLog: said } }: Pick<App, 'http'>): string[] {
  return said === undefined || accessLogForms.includes(said) ? [] : [`http.accessLog is '${said as string}'; it is ${accessLogForms.join(', ')}`]
}

/** The access log of a unit: as BANYAN_ACCESS_LOG says, which may be `none`, else as the app does, else none. Throws `invalid_configuration`. */
export function openAccessLog(
  { http }: Pick<App, 'http'>,
  variables: Readonly<Record<string, string | undefined>>,
  to: LogDestination = standardOutput(),
): AccessLog | undefined {
  const said = variables[VARIABLE] ?? http.accessLog ?? 'none'
  if (said === 'none' || said === '') return undefined
  const form = accessLogForms.find((one) => one === said)
  if (form) return accessLog(form, to)
  throw new BanyanError('invalid_configuration', `${VARIABLE} is '${said}'; it is ${accessLogForms.join(', ')} or none`)
}
