/** Dates and times for people, in the tenant's zone. Pure: the present is passed in. */

const steps: [limit: number, unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  [60, "second", 1],
  [3600, "minute", 60],
  [86_400, "hour", 3600],
  [7 * 86_400, "day", 86_400],
];

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = zone + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options });
    formats.set(key, found);
  }
  return found;
}

/** "3 min ago", "in 2 h"; the date, where that says more (a week and beyond). */
export function relativeTime(at: string, now: number, zone: string): string {
  const instant = Date.parse(at);
  if (Number.isNaN(instant)) return at;
  const seconds = Math.round((instant - now) / 1000);
  const distance = Math.abs(seconds);
  if (distance < 5) return "now";
  for (const [limit, unit, size] of steps) {
    if (distance < limit) return relative.format(Math.trunc(seconds / size), unit).replace(".", "");
  }
  return dateOf(at, zone, now);
}

/** "24 Nov", with the year where it is not this one. */
export function dateOf(at: string, zone: string, now: number): string {
  const date = new Date(at);
  const year = format(zone, { year: "numeric" });
  const same = year.format(date) === year.format(new Date(now));
  return format(zone, { day: "numeric", month: "short", ...(same ? {} : { year: "numeric" }) }).format(date);
}

/** "Tue 24 Nov 2026, 14:03:07 CET", to the second and with the zone: nothing left to guess. */
export function fullTime(at: string, zone: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  return format(zone, {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  }).format(date);
}

/** "24 Nov 14:03", for columns. */
export function shortTime(at: string, zone: string, now: number): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  return `${dateOf(at, zone, now)} ${format(zone, { hour: "2-digit", minute: "2-digit" }).format(date)}`;
}

/** So many seconds as a clock shows them: "4:45", "1:02:03". */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** "14:03:07", with the date where it is not today. */
export function clockTime(at: string, zone: string, now: number): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  const time = format(zone, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(date);
  const day = dateOf(at, zone, now);
  return day === dateOf(new Date(now).toISOString(), zone, now) ? time : `${day} ${time}`;
}

/** A short time in nanoseconds. */
export function shortDuration(ns: number): string {
  if (ns < 1000) return `${ns} ns`;
  return ns < 10_000 ? `${(ns / 1000).toFixed(1)} µs` : duration(Math.round(ns / 1000));
}

/** A duration of so many microseconds: "840 µs", "12 ms", "1.4 s", "3 min 5 s". */
export function duration(us: number): string {
  if (us < 1000) return `${us} µs`;
  if (us < 1_000_000) return `${us < 10_000 ? (us / 1000).toFixed(1) : Math.round(us / 1000)} ms`;
  const seconds = us / 1_000_000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}

/** The instant that a wall-clock time ("2026-11-24T14:03", of a datetime input) means in a zone. In a gap it moves on; in a fold the earlier one holds. */
export function instantOf(local: string, zone: string): string | null {
  const wanted = Date.parse(`${local.length === 10 ? `${local}T00:00` : local}Z`);
  if (Number.isNaN(wanted)) return null;
  let guess = wanted;
  for (let round = 0; round < 3; round += 1) guess = wanted - offsetAt(guess, zone);
  return new Date(guess).toISOString();
}

/** The wall-clock time of an instant in a zone, as a datetime input takes it. */
export function localOf(at: string, zone: string): string {
  const instant = Date.parse(at);
  return Number.isNaN(instant) ? "" : new Date(instant + offsetAt(instant, zone)).toISOString().slice(0, 16);
}

function offsetAt(instant: number, zone: string): number {
  const parts = format(zone, {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).formatToParts(new Date(instant));
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  return Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second")) - Math.floor(instant / 1000) * 1000;
}
