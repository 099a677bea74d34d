import { allOf, anyOf, anyone, authenticated, from, owner, role } from 'banyan'
import { withSecondFactor } from '../values/second-factor.ts'
import { byEmail, byId, me } from './accounts.ts'
import { putAddress, removeAddress } from './addresses.ts'
import { answerChallenge } from './challenge.ts'
import { changeMe } from './change-me.ts'
import { confirmSecondFactor, disableSecondFactor, enrolSecondFactor, mySecondFactor } from './enrol.ts'
import { grantRoles } from './grant-roles.ts'
import { logIn } from './log-in.ts'
import { logOut } from './log-out.ts'
import { service } from './parts.ts'
import { refresh } from './refresh.ts'
import { register } from './register.ts'
import { secondFactor } from './second-factor.ts'
import { keys, rotateKeys } from './signer.ts'

export default service({
  handlers: {
    register,
    logIn,
    answerChallenge,
    refresh,
    logOut,
    enrolSecondFactor,
    confirmSecondFactor,
    disableSecondFactor,
    mySecondFactor,
    me,
    changeMe,
    putAddress,
    removeAddress,
    byId,
    byEmail,
    grantRoles,
    keys,
    rotateKeys,
  },
  publishes: {
    SecondFactorEnabled: from(secondFactor, 'Confirmed', (_confirmed, { id }) => ({ userId: id })),
    SecondFactorDisabled: from(secondFactor, 'Disabled', (_disabled, { id }) => ({ userId: id })),
  },
  policies: {
    register: { access: anyone() },
    // a password cannot be tried out: not for one account, and not for many from one place
    logIn: {
      access: anyone(),
      limit: [
        { rate: '10/m', per: ({ input }) => input.email, name: 'account' },
        { rate: '300/m', per: 'ip' },
      ],
    },
    // beside what an account allows: a challenge that is not one costs nothing but this
    answerChallenge: { access: anyone(), limit: [{ rate: '300/m', per: 'ip' }] },
    refresh: { access: anyone() },
    logOut: { access: anyone() },
    enrolSecondFactor: { access: authenticated(), limit: { rate: '10/m' } },
    confirmSecondFactor: { access: authenticated() },
    disableSecondFactor: { access: authenticated() },
    mySecondFactor: { access: authenticated() },
    me: { access: authenticated() },
    changeMe: { access: authenticated() },
    putAddress: { access: authenticated() },
    removeAddress: { access: authenticated() },
    byId: {
      access: anyOf(
        owner((user) => user.userId),
        role('staff'),
      ),
    },
    // whoever grants roles could grant themselves anything
    grantRoles: { access: allOf(role('staff'), withSecondFactor()) },
    keys: { access: anyone() },
    rotateKeys: { access: role('staff') },
  },
})
