import { anyOf, anyone, authenticated, owner, role } from 'banyan'
import { byEmail, byId, me } from './accounts.ts'
import { putAddress, removeAddress } from './addresses.ts'
import { changeMe } from './change-me.ts'
import { grantRoles } from './grant-roles.ts'
import { logIn } from './log-in.ts'
import { logOut } from './log-out.ts'
import { service } from './parts.ts'
import { refresh } from './refresh.ts'
import { register } from './register.ts'
import { keys, rotateKeys } from './signer.ts'

export default service({
  handlers: { register, logIn, refresh, logOut, me, changeMe, putAddress, removeAddress, byId, byEmail, grantRoles, keys, rotateKeys },
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
    refresh: { access: anyone() },
    logOut: { access: anyone() },
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
    grantRoles: { access: role('staff') },
    keys: { access: anyone() },
    rotateKeys: { access: role('staff') },
  },
})
