import { expect, test } from 'vitest'
import { accessLogMistakes, openAccessLog } from './open-access-log.ts'

test('the variable goes before the app, and may turn the log off', () => {
  const json = { http: { accessLog: 'json' } } as const
  expect(openAccessLog({ http: {} }, {})).toBeUndefined()
  expect(openAccessLog(json, {})).toBeTypeOf('function')
  expect(openAccessLog(json, { BANYAN_ACCESS_LOG: 'none' })).toBeUndefined()
  expect(openAccessLog({ http: {} }, { BANYAN_ACCESS_LOG: 'combined' })).toBeTypeOf('function')
  expect(() => openAccessLog(json, { BANYAN_ACCESS_LOG: 'yes' })).toThrow("BANYAN_ACCESS_LOG is 'yes'; it is json, common, combined or none")
})

test('a form that there is not is a mistake of the app', () => {
  expect(accessLogMistakes({ http: { accessLog: 'common' } })).toEqual([])
  expect(accessLogMistakes({ http: { accessLog: 'clf' as never } })).toEqual(["http.accessLog is 'clf'; it is json, common, combined"])
})
