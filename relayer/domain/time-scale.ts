import { z } from "zod";

/**
 * How many times as short a fleet's time-outs and intervals are: 1 as they are written and meant, more on local networks alone, so that an experiment of ten minutes
 * fits into one and still reaches the same time-outs.
 */
export const timeScale = z.number().min(1).max(100).default(1);

/**
 * A time in compressed time.
 * @param least what it is never made shorter than, unless it was before, in milliseconds
 */
export function compressed(milliseconds: number, scale: number, least: number): number {
  return Math.max(Math.min(milliseconds, least), Math.round(milliseconds / scale));
}
