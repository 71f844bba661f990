import { pino } from "pino";

/** A structured logger; one JSON object a line, on standard output. */
export type Logger = pino.Logger;

/** The levels that a configuration may name. */
export const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

type Level = (typeof logLevels)[number];

/**
 * The logger of one process. A line is written before the call returns: what a process said last before it was killed is there, and one whose
 * reader is gone can end (lines that are left for the end are written again and again then, by sonic-boom 4.2.1).
 * @param bindings fields that every line carries, such as the role and the chain
 */
export function createLogger(level: Level, bindings: Readonly<Record<string, string>>): Logger {
  return pino(loggerOptions(level, bindings), pino.destination({ dest: process.stdout.fd, sync: true }));
}

/** How every logger writes. */
export function loggerOptions(level: Level, bindings: Readonly<Record<string, string>>): pino.LoggerOptions {
  return {
    level,
    base: bindings,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: pino.stdSerializers.errWithCause },
    // A last line of defence: no code logs these on purpose.
    redact: {
      paths: ["*.privateKey", "*.secretKey", "*.passphrase", "privateKey", "secretKey", "passphrase"],
      censor: "[secret]",
    },
  };
}
