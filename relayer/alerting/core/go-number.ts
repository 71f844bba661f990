/**
 * Numbers and times as Go's `fmt` and Prometheus's template functions write them, so that an annotation reads the same here and there.
 * Source: `strconv.FormatFloat`, and `humanize…` in Prometheus's template/template.go. JavaScript differs in two things that matter: it
 * rounds a tie up, Go to the even digit; and it changes to exponents at other sizes.
 */

/** `%v`: the shortest digits that give the number back; an exponent below 1e-4 and from 1e6 on. */
export function formatShortest(value: number): string {
  return special(value) ?? layOut(value, value.toExponential(), 6);
}

/** `%.4g`: so many significant digits, without zeros at the end. @param digits 1 to 21 */
export function formatGeneral(value: number, digits: number): string {
  return special(value) ?? layOut(value, roundedExponential(value, digits - 1), digits);
}

/** `%.2f`. @param digits digits behind the point, 0 to 20 */
export function formatFixed(value: number, digits: number): string {
  const unusual = special(value);
  if (unusual !== undefined) return unusual;
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const size = Math.abs(value);
  if (size >= 1e21) return `${sign}${BigInt(size)}${digits === 0 ? "" : `.${"0".repeat(digits)}`}`;
  return `${sign}${roundedFixed(size, digits)}`;
}

/** `humanize`: 1234567 becomes 1.235M. */
export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return formatGeneral(value, 4);
  return Math.abs(value) >= 1 ? scaled(value, 1_000, ["k", "M", "G", "T", "P", "E", "Z", "Y"]) : small(value);
}

/** `humanize1024`: 2048 becomes 2ki. */
export function humanize1024(value: number): string {
  if (Math.abs(value) <= 1 || !Number.isFinite(value)) return formatGeneral(value, 4);
  return scaled(value, 1_024, ["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"]);
}

/** `humanizePercentage`: 0.1234 becomes 12.34%. */
export function humanizePercentage(value: number): string {
  return `${formatGeneral(value * 100, 4)}%`;
}

/** `humanizeDuration`: seconds, as 1h 1m 1s; below a minute with four digits, below a second with a prefix. */
export function humanizeDuration(value: number): string {
  if (!Number.isFinite(value)) return formatGeneral(value, 4);
  // Beyond this there are no seconds to tell apart; Prometheus's integers overflow a little later.
  if (value === 0 || Math.abs(value) > Number.MAX_SAFE_INTEGER) return `${formatGeneral(value, 4)}s`;
  if (Math.abs(value) < 1) return `${small(value)}s`;
  const sign = value < 0 ? "-" : "";
  const size = Math.abs(value);
  const whole = Math.trunc(size);
  const days = Math.floor(whole / 86_400);
  const [hours, minutes, seconds] = [Math.floor(whole / 3_600) % 24, Math.floor(whole / 60) % 60, whole % 60];
  if (days !== 0) return `${sign}${days}d ${hours}h ${minutes}m ${seconds}s`;
  if (hours !== 0) return `${sign}${hours}h ${minutes}m ${seconds}s`;
  if (minutes !== 0) return `${sign}${minutes}m ${seconds}s`;
  return `${sign}${formatGeneral(size, 4)}s`;
}

/** `humanizeTimestamp`: Unix seconds as Go prints a time in UTC. */
export function humanizeTimestamp(seconds: number): string {
  const at = Math.trunc(seconds * 1_000);
  return Number.isFinite(at) && Math.abs(at) <= LAST_DATE ? formatTime(at) : formatGeneral(seconds, 4);
}

/** A time as Go prints one in UTC: `2015-04-10 10:12:01.5 +0000 UTC`. @param at Unix milliseconds, within JavaScript's dates */
export function formatTime(at: number): string {
  const [date = "", clock = ""] = new Date(at).toISOString().split("T");
  return `${date} ${clock.replace(/\.?0*Z$/, "")} +0000 UTC`;
}

/** The end of JavaScript's dates, in Unix milliseconds. */
const LAST_DATE = 8.64e15;

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return "NaN";
  return Number.isFinite(value) ? undefined : value > 0 ? "+Inf" : "-Inf";
}

function scaled(value: number, base: number, prefixes: readonly string[]): string {
  let [size, prefix] = [value, ""];
  for (const next of prefixes) {
    if (Math.abs(size) < base) break;
    [size, prefix] = [size / base, next];
  }
  return `${formatGeneral(size, 4)}${prefix}`;
}

function small(value: number): string {
  let [size, prefix] = [value, ""];
  for (const next of ["m", "u", "n", "p", "f", "a", "z", "y"]) {
    if (Math.abs(size) >= 1) break;
    [size, prefix] = [size * 1_000, next];
  }
  return `${formatGeneral(size, 4)}${prefix}`;
}

/** Go's `%g` out of JavaScript's exponential form: digits without zeros at the end, with an exponent only where it is far from zero. */
function layOut(value: number, exponential: string, mostDigits: number): string {
  const [, minus = "", mantissa = "", power = ""] = /^(-?)([\d.]+)e([+-]\d+)$/.exec(exponential) ?? [];
  const sign = Object.is(value, -0) ? "-" : minus;
  const digits = mantissa.replace(".", "").replace(/(?<=.)0+$/, "");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= mostDigits) {
    const rest = digits.length > 1 ? `.${digits.slice(1)}` : "";
    return `${sign}${digits.charAt(0)}${rest}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const point = exponent + 1;
  const rest = digits.length > point ? `.${digits.slice(point)}` : "";
  return `${sign}${digits.slice(0, point).padEnd(point, "0")}${rest}`;
}

/** What JavaScript rounds, but ties to the even digit. Only a number with one digit more than asked for can be a tie, so 100 show it. */
function roundedFixed(size: number, digits: number): string {
  const exact = size.toFixed(100);
  const end = exact.length - 100 + digits;
  if (!/^50*$/.test(exact.slice(end))) return size.toFixed(digits);
  const kept = digits === 0 ? exact.slice(0, end - 1) : exact.slice(0, end);
  return Number(kept.at(-1)) % 2 === 0 ? kept : size.toFixed(digits);
}

function roundedExponential(value: number, fraction: number): string {
  const exact = value.toExponential(100);
  const point = exact.indexOf(".");
  const power = exact.indexOf("e");
  if (!/^50*$/.test(exact.slice(point + 1 + fraction, power))) return value.toExponential(fraction);
  const kept = exact.slice(0, fraction === 0 ? point : point + 1 + fraction);
  return Number(kept.at(-1)) % 2 === 0 ? kept + exact.slice(power) : value.toExponential(fraction);
}
