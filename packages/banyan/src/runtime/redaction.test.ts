import { expect, test } from 'vitest'
import { z } from 'zod'
import { outputJsonSchema } from '../kernel/schema.ts'
import { not, anyone, role } from '../model/access.ts'
import { Asking } from '../model/access-request.ts'
import { identity } from '../security/identity.ts'
import { fieldAt, redactionPath } from './redaction-path.ts'
import { redaction } from './redaction.ts'

const Line = z.object({ sku: z.string(), price: z.number().optional(), notes: z.array(z.object({ text: z.string().nullable() })) })
const Order = z.object({
  email: z.string().optional(),
  phone: z.string().nullable(),
  id: z.string(),
  lines: z.array(Line),
  to: z.union([z.object({ street: z.string().optional() }), z.null()]),
})
const asking = new Asking({ identity: identity({ subject: 'ada' }), caller: undefined })
const never = not(anyone())

test('fields are left out or null, in every element of lists', () => {
  const order = {
    email: 'a@b',
    phone: '1',
    id: 'o1',
    lines: [
      { sku: 'x', price: 1, notes: [{ text: 'hm' }] },
      { sku: 'y', notes: [] },
    ],
    to: { street: 's' },
  }
  const rules = { email: never, phone: never, 'lines[].price': never, 'lines[].notes[].text': never, 'to.street': never }
  redaction(rules, Order)(order, asking)
  expect(order).toEqual({
    phone: null,
    id: 'o1',
    lines: [
      { sku: 'x', notes: [{ text: null }] },
      { sku: 'y', notes: [] },
    ],
    to: {},
  })
  expect(Order.safeParse(order).success).toBe(true)
})

test('whom the rule lets pass sees them; who is undecided does not', () => {
  const order = () => ({ email: 'a@b', phone: '1', id: 'o1', lines: [], to: null })
  const [seen, unseen] = [order(), order()]
  redaction({ email: anyone(), phone: anyone() }, Order)(seen, asking)
  redaction({ email: role('clerk'), phone: { text: 'later', decide: () => undefined } }, Order)(unseen, asking)
  expect(seen).toEqual(order())
  expect(unseen).toEqual({ phone: null, id: 'o1', lines: [], to: null })
})

test.each([
  ['mail', "names 'mail', and there is only email, phone, id, lines, to"],
  ['id', "keeps back 'id', which the contract promises to everybody; make it optional or nullable there"],
  ['lines[]', 'ends with the elements of a list; name the list, or a field of its elements'],
  ['email[].x', 'takes the elements of what is no list'],
  ['lines[].cost', "names 'cost', and there is only sku, price, notes"],
  ['', 'names no field'],
])("the path '%s' %s", (path, wrong) => {
  expect(fieldAt(outputJsonSchema(Order), redactionPath(path))).toEqual({ wrong })
})

test('references of a schema are followed', () => {
  type Node = { name?: string | undefined; inner: Node[] }
  const Node: z.ZodType<Node> = z.lazy(() => z.object({ name: z.string().optional(), inner: z.array(Node) }))
  expect(fieldAt(outputJsonSchema(Node), redactionPath('inner[].inner[].name'))).toEqual({ remains: 'nothing' })
})
