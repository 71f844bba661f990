import { join } from "node:path";

/** Where Node keeps the code that it has compiled (NODE_COMPILE_CACHE): dozens of processes load much the same. */
export const COMPILE_CACHE = join(import.meta.dirname, "../.dchat/compile-cache");
