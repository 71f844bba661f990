/** What the exit code of a command tells; after sysexits.h where it has a word for it. */
export const exitCodes = {
  /** Done. */
  success: 0,
  /** Not done; the message says why and what became of money and data. */
  failure: 1,
  /** The command line was wrong; nothing was done, and the same one will not do better. */
  usage: 2,
  /** Asked of something that does not answer now; the same command may succeed later. */
  unavailable: 69,
  /** The configuration is wrong or does not fit the world; a supervisor must not start the process again. */
  configuration: 78,
  /** Ended on request before it was done: 128 and SIGINT's number. */
  interrupted: 130,
} as const;
