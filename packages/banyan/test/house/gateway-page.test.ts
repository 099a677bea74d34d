import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { gatewayPage, gatewayPagePath, gatewaySections } from '../../../../scripts/gateway-page.ts'

const { parts, policies } = gatewaySections()
const all = [...parts, ...policies]

describe('the page of gateway files', () => {
  test('is what the schema says', () => {
    expect(readFileSync(gatewayPagePath, 'utf8'), 'run npm run docs:gateway').toBe(gatewayPage())
  })

  test('says what each part, policy and setting is for', () => {
    const silent = [
      ...all.filter(({ says }) => !says.endsWith('.')).map(({ title }) => title),
      ...all.flatMap(({ title, settings }) => settings.filter(({ says }) => !says.endsWith('.')).map(({ name }) => `${title}: ${name}`)),
    ]
    expect(silent, 'add a description to the schema, a sentence: editors show it too').toEqual([])
  })
})
