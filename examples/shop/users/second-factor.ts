import { aggregate, events } from 'banyan'
import { z } from 'zod'
import { users } from './contract.ts'

const Count = z.number().int().nonnegative()
export const { Enrolled, Confirmed, CodeAccepted, RecoveryCodeUsed, CodeRefused, Disabled } = events({
  Enrolled: z.object({}),
  /** `step`: of the code that confirmed it, which is used up. */
  Confirmed: z.object({ step: Count, recoveryCodes: Count }),
  CodeAccepted: z.object({ step: Count }),
  RecoveryCodeUsed: z.object({ left: Count }),
  CodeRefused: z.object({ at: z.iso.datetime() }),
  Disabled: z.object({}),
})

/** So many wrong codes in a row, then a pause: at this pace one of the million is found in a year by luck only, however many challenges somebody with the password has. */
export const IN_A_ROW = 5
export const PAUSE_MS = 900_000

interface SecondFactor {
  readonly status: 'off' | 'enrolled' | 'on'
  /** The step of the code that was accepted last; it and those before are used up (RFC 6238 §5.2). */
  readonly lastStep: number
  readonly recoveryCodes: number
  /** Wrong codes since the last right one. */
  readonly wrong: number
  /** Milliseconds since 1970, until which no code is looked at. */
  readonly pausedUntil: number
}

const off: SecondFactor = { status: 'off', lastStep: -1, recoveryCodes: 0, wrong: 0, pausedUntil: 0 }

/** What somebody did to show that a second factor is theirs: a code of the app by its step, or a recovery code by how many are left. */
export type Proof = { readonly step: number } | { readonly left: number }

/** A person's second factor; its id is the person's. The secret and the codes are in tables: a log is for ever. */
export const secondFactor = aggregate('secondFactor', {
  events: { Enrolled, Confirmed, CodeAccepted, RecoveryCodeUsed, CodeRefused, Disabled },
  initial: off,
  evolve: {
    // a new secret does not forget that codes were tried out
    Enrolled: ({ wrong, pausedUntil }) => ({ ...off, status: 'enrolled', wrong, pausedUntil }),
    Confirmed: (_state, { step, recoveryCodes }) => ({ ...off, status: 'on', lastStep: step, recoveryCodes }),
    CodeAccepted: (state, { step }) => ({ ...state, lastStep: step, wrong: 0 }),
    RecoveryCodeUsed: (state, { left }) => ({ ...state, recoveryCodes: left, wrong: 0 }),
    CodeRefused: (state, { at }) => ({
      ...state,
      wrong: state.wrong + 1,
      pausedUntil: (state.wrong + 1) % IN_A_ROW === 0 ? Date.parse(at) + PAUSE_MS : state.pausedUntil,
    }),
    Disabled: () => off,
  },
  decide: {
    /** Whoever has not confirmed yet may begin anew, and gets another secret. */
    enrol: ({ status }) => {
      if (status === 'on') throw users.enrolSecondFactor.errors.AlreadyOn({})
      return Enrolled({})
    },
    confirm: (state, { step, recoveryCodes }: { step: number; recoveryCodes: number }) => {
      mustBe('enrolled', state)
      return Confirmed({ step: unused(state, step), recoveryCodes })
    },
    accept: (state, proof: Proof) => {
      mustBe('on', state)
      return 'step' in proof ? CodeAccepted({ step: unused(state, proof.step) }) : RecoveryCodeUsed(proof)
    },
    refuse: (_state, { at }: { at: string }) => CodeRefused({ at }),
    disable: (state) => {
      mustBe('on', state)
      return Disabled({})
    },
  },
})

/** Seconds until a code is looked at again; 0: at once. */
export function pauseOf({ pausedUntil }: SecondFactor, now: Date): number {
  return Math.max(0, Math.ceil((pausedUntil - now.getTime()) / 1_000))
}

/** Whoever decides has looked at the same state in the same transaction: otherwise is a mistake in the program. */
function mustBe(status: SecondFactor['status'], state: SecondFactor): void {
  if (state.status !== status) throw new RangeError(`a second factor was to be '${status}' and is '${state.status}'`)
}

function unused({ lastStep }: SecondFactor, step: number): number {
  if (step <= lastStep) throw new RangeError(`a code of step ${step} was to be accepted after one of step ${lastStep}`)
  return step
}
