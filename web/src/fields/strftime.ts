/** Writes a date in UTC by a strftime format, for examples: the parts that people use. What is not known stays as it is written. */
export function formatDate(date: Date, format: string): string {
  const two = (number: number): string => String(number).padStart(2, "0");
  const name = (options: Intl.DateTimeFormatOptions): string => new Intl.DateTimeFormat("en", { ...options, timeZone: "UTC" }).format(date);
  const parts: Record<string, () => string> = {
    Y: () => String(date.getUTCFullYear()),
    y: () => two(date.getUTCFullYear() % 100),
    m: () => two(date.getUTCMonth() + 1),
    d: () => two(date.getUTCDate()),
    e: () => String(date.getUTCDate()).padStart(2),
    H: () => two(date.getUTCHours()),
    I: () => two(date.getUTCHours() % 12 || 12),
    M: () => two(date.getUTCMinutes()),
    S: () => two(date.getUTCSeconds()),
    p: () => (date.getUTCHours() < 12 ? "AM" : "PM"),
    B: () => name({ month: "long" }),
    b: () => name({ month: "short" }),
    A: () => name({ weekday: "long" }),
    a: () => name({ weekday: "short" }),
    F: () => `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`,
    T: () => `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`,
    z: () => "+0000",
    s: () => String(Math.floor(date.getTime() / 1000)),
    "%": () => "%",
  };
  return format.replace(/%-?([a-zA-Z%])/g, (whole, letter: string) => {
    const text = parts[letter]?.();
    return text === undefined ? whole : whole.includes("-") ? text.replace(/^[0 ]+(?=.)/, "") : text;
  });
}
