// Loaded into the relayers of a test before anything else: their wall clock is off by what a file says, from one moment to the
// next, as when an administrator or a time server sets it. Chains and Redis keep the true time.
import { readFileSync } from "node:fs";
import { setInterval } from "node:timers";

const file = process.env.TEST_CLOCK_FILE;
if (file !== undefined && process.argv[1]?.endsWith("relayer/main.ts")) {
  const TrueDate = Date;
  let offset = 0;
  const read = () => {
    offset = Number(readFileSync(file, "utf8"));
  };
  read();
  setInterval(read, 50).unref();
  globalThis.Date = class extends TrueDate {
    constructor(...fields) {
      if (fields.length === 0) super(TrueDate.now() + offset);
      else super(...fields);
    }
    static now() {
      return TrueDate.now() + offset;
    }
  };
}
