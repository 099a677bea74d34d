export const canRepeat = 1, findCommitted = 1
