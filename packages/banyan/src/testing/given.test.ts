import { AssertionError } from 'node:assert'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { aggregate } from '../model/aggregate.ts'
import { contract } from '../model/contract.ts'
import { events } from '../model/event.ts'
import { command } from '../model/operation.ts'
import { given } from './given.ts'

const doors = contract('doors', {
  open: command({ errors: { Locked: z.object({ since: z.string() }), Gone: z.object({}) } }),
})
const { Opened, Locked, Unlocked } = events({
  Opened: z.object({ by: z.string(), width: z.number().default(90) }),
  Locked: z.object({ at: z.string() }),
  Unlocked: z.object({}),
})
type Door = { status: 'closed' } | { status: 'open'; by: string } | { status: 'locked'; since: string }

let calls = 0
const door = aggregate('door', {
  events: { Opened, Locked, Unlocked },
  initial: { status: 'closed' } as Door,
  evolve: {
    Opened: (_door, { by }) => ({ status: 'open', by }),
    Locked: (_door, { at }) => ({ status: 'locked', since: at }),
    Unlocked: (_door) => ({ status: 'closed' }),
  },
  decide: {
    open: (state, { by }: { by: string }) => {
      if (state.status === 'locked') throw doors.open.errors.Locked({ since: state.since })
      if (state.status === 'closed') return Opened({ by })
    },
    force: (state, { by }: { by: string }) => (state.status === 'locked' ? [Unlocked({}), Opened({ by })] : []),
    slam: (state) => {
      if (state.status !== 'open') throw new RangeError(`a ${state.status} door cannot be slammed`)
      return Locked({ at: 'noon' })
    },
    count: () => Opened({ by: String(++calls) }),
    spoil: (state) => {
      ;(state as { status: string }).status = 'spoilt'
    },
    misname: () => ({ type: 'Opened', data: { by: 7 } }) as never,
  },
})

function messageOf(run: () => unknown): string {
  let caught: unknown
  try {
    run()
  } catch (error) {
    caught = error
  }
  expect(caught).toBeInstanceOf(AssertionError)
  return (caught as Error).message
}

describe('what is so passes', () => {
  test('events, nothing, refusals with and without details, broken invariants', () => {
    given(door)
      .when((d) => d.open({ by: 'ada' }))
      .then([Opened({ by: 'ada' })])
    given(door, [Opened({ by: 'ada' })])
      .when((d) => d.open({ by: 'bo' }))
      .thenNothing()
    given(door, [Locked({ at: 'noon' })])
      .when((d) => d.open({ by: 'bo' }))
      .thenRefused(doors.open.errors.Locked)
    given(door, [Locked({ at: 'noon' })])
      .when((d) => d.open({ by: 'bo' }))
      .thenRefused(doors.open.errors.Locked, { since: 'noon' })
    given(door, [Locked({ at: 'noon' })])
      .when((d) => d.force({ by: 'bo' }))
      .then([Unlocked({}), Opened({ by: 'bo' })])
    given(door)
      .when((d) => d.slam())
      .thenThrows(/closed door/)
  })

  test('defaults of a schema count as said', () => {
    given(door)
      .when((d) => d.open({ by: 'ada' }))
      .then([Opened({ by: 'ada', width: 90 })])
  })

  test('the state that events lead to can be looked at', () => {
    expect(given(door, [Opened({ by: 'ada' }), Locked({ at: 'noon' })]).state).toEqual({ status: 'locked', since: 'noon' })
  })
})

describe('what is not so fails, and says both sides', () => {
  const after = given(door, [Locked({ at: 'noon' })])

  test('other events', () => {
    const message = messageOf(() =>
      given(door)
        .when((d) => d.open({ by: 'ada' }))
        .then([Opened({ by: 'bo' })]),
    )
    expect(message).toContain('door without history: open({"by":"ada"}) should decide [Opened({"by":"bo"})], but it decided [Opened({"by":"ada","width":90})]')
    expect(message).toContain(`+       by: 'ada',\n-       by: 'bo',`)
  })

  test('a refusal where events were expected', () => {
    const message = messageOf(() => after.when((d) => d.open({ by: 'bo' })).then([Opened({ by: 'bo' })]))
    expect(message).toContain('door after [Locked]: open({"by":"bo"}) should decide [Opened({"by":"bo"})], but it was refused with Locked {"since":"noon"}')
  })

  test('events where a refusal was expected', () => {
    const message = messageOf(() => after.when((d) => d.force({ by: 'bo' })).thenRefused(doors.open.errors.Locked))
    expect(message).toContain('should be refused with Locked, but it decided [Unlocked({}), Opened(')
  })

  test('another refusal, and the same one with other details', () => {
    expect(messageOf(() => after.when((d) => d.open({ by: 'bo' })).thenRefused(doors.open.errors.Gone))).toContain(
      'should be refused with Gone, but it was refused with Locked',
    )
    expect(messageOf(() => after.when((d) => d.open({ by: 'bo' })).thenRefused(doors.open.errors.Locked, { since: 'dawn' }))).toContain(
      'Locked {"since":"dawn"}',
    )
  })

  test('a thrown error keeps its cause', () => {
    expect(() =>
      given(door)
        .when((d) => d.slam())
        .thenNothing(),
    ).toThrow(expect.objectContaining({ cause: expect.any(RangeError) }))
  })

  test('something where nothing was expected', () => {
    expect(
      messageOf(() =>
        given(door)
          .when((d) => d.open({ by: 'ada' }))
          .thenNothing(),
      ),
    ).toContain('should decide nothing')
  })
})

describe('what a log or a retry would bring to light', () => {
  test('a decider that answers differently the second time', () => {
    expect(messageOf(() => given(door).when((d) => d.count()))).toContain('door.count is not pure')
  })

  test('a decider that changes the state', () => {
    given(door)
      .when((d) => d.spoil())
      .thenThrows(/read only/)
  })

  test('an event that does not match its schema, decided or given', () => {
    expect(messageOf(() => given(door).when((d) => d.misname()))).toMatch(/door\.Opened does not match its schema: \/by .*string/)
    expect(messageOf(() => given(door, [Opened({ by: 7 as never })]))).toContain('door.Opened does not match its schema')
  })

  test('a `when` that runs no decider or two', () => {
    expect(messageOf(() => given(door).when(() => undefined as never))).toContain('this one ran none')
    const both = () => given(door).when((d) => (d.open({ by: 'ada' }), d.slam()))
    expect(messageOf(both)).toContain('this one ran open, slam')
  })
})

test('types: only the deciders and events of the aggregate', () => {
  const typed = () => {
    // @ts-expect-error no such decider
    given(door).when((d) => d.paint({ by: 'ada' }))
    // @ts-expect-error the command lacks `by`
    given(door).when((d) => d.open({}))
    // @ts-expect-error not an event of this aggregate
    given(door, [{ type: 'Painted', data: {} }])
    const opening = given(door).when((d) => d.open({ by: 'ada' }))
    // @ts-expect-error details of another shape
    opening.thenRefused(doors.open.errors.Locked, { until: 'noon' })
  }
  expect(typed).toBeTypeOf('function')
})
