import { given } from 'banyan/testing'
import { describe, expect, test } from 'vitest'
import { users } from './contract.ts'
import { CodeAccepted, CodeRefused, Confirmed, Disabled, Enrolled, pauseOf, RecoveryCodeUsed, secondFactor } from './second-factor.ts'

const at = '2026-03-01T10:00:00.000Z'
const after = (seconds: number) => new Date(Date.parse(at) + seconds * 1_000)
const wrong = CodeRefused({ at })
const on = [Enrolled({}), Confirmed({ step: 100, recoveryCodes: 10 })]

describe('enrolling', () => {
  test('may begin anew until it is confirmed', () => {
    given(secondFactor)
      .when((d) => d.enrol())
      .then([Enrolled({})])
    given(secondFactor, [Enrolled({})])
      .when((d) => d.enrol())
      .then([Enrolled({})])
    given(secondFactor, on)
      .when((d) => d.enrol())
      .thenRefused(users.enrolSecondFactor.errors.AlreadyOn, {})
    given(secondFactor, [...on, Disabled({})])
      .when((d) => d.enrol())
      .then([Enrolled({})])
  })

  test('counts once a code has confirmed it, which is then used', () => {
    expect(given(secondFactor, [Enrolled({})]).state).toMatchObject({ status: 'enrolled' })
    given(secondFactor, [Enrolled({})])
      .when((d) => d.confirm({ step: 100, recoveryCodes: 10 }))
      .then([Confirmed({ step: 100, recoveryCodes: 10 })])
    expect(given(secondFactor, on).state).toMatchObject({ status: 'on', lastStep: 100, recoveryCodes: 10 })
    given(secondFactor, on)
      .when((d) => d.confirm({ step: 101, recoveryCodes: 10 }))
      .thenThrows(/was to be 'enrolled' and is 'on'/)
  })
})

describe('a code', () => {
  test('is good once, and none before it either', () => {
    given(secondFactor, on)
      .when((d) => d.accept({ step: 101 }))
      .then([CodeAccepted({ step: 101 })])
    for (const step of [99, 100, 101]) {
      given(secondFactor, [...on, CodeAccepted({ step: 101 })])
        .when((d) => d.accept({ step }))
        .thenThrows(/was to be accepted after one of step 101/)
    }
  })

  test('of the recovery codes leaves one fewer', () => {
    given(secondFactor, on)
      .when((d) => d.accept({ left: 9 }))
      .then([RecoveryCodeUsed({ left: 9 })])
    expect(given(secondFactor, [...on, RecoveryCodeUsed({ left: 9 })]).state).toMatchObject({ recoveryCodes: 9, lastStep: 100 })
  })

  test('that is wrong five times in a row makes everybody wait a quarter of an hour', () => {
    given(secondFactor, on)
      .when((d) => d.refuse({ at }))
      .then([wrong])
    const pause = (...tried: readonly (typeof wrong | ReturnType<typeof CodeAccepted>)[]) =>
      pauseOf(given(secondFactor, [...on, ...tried] as never).state, new Date(at))
    expect(pause(wrong, wrong, wrong, wrong)).toBe(0)
    expect(pause(wrong, wrong, wrong, wrong, CodeAccepted({ step: 101 }), wrong)).toBe(0)
    expect(pause(wrong, wrong, wrong, wrong, wrong)).toBe(900)
    const { state } = given(secondFactor, [...on, wrong, wrong, wrong, wrong, wrong])
    expect([pauseOf(state, after(899)), pauseOf(state, after(900))]).toEqual([1, 0])
  })

  test('tried out is not forgotten by beginning anew', () => {
    expect(pauseOf(given(secondFactor, [Enrolled({}), wrong, wrong, wrong, wrong, wrong, Enrolled({})]).state, new Date(at))).toBe(900)
  })
})

test('turned off it is as if it had never been', () => {
  given(secondFactor, on)
    .when((d) => d.disable())
    .then([Disabled({})])
  expect(given(secondFactor, [...on, wrong, Disabled({})]).state).toEqual(given(secondFactor).state)
  given(secondFactor)
    .when((d) => d.disable())
    .thenThrows(/was to be 'on' and is 'off'/)
})
