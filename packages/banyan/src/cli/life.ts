/** Environment variable by which `banyan dev` tells a process how often it was started: 1 the first time. */
export const LIFE = 'BANYAN_LIFE'
