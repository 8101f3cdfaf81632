/** One piece of work. Put yours here: take from a queue, poll an API, tidy a table. */
export async function work(number) {
  if (!Number.isInteger(number)) {
    throw new TypeError('a piece of work has a number');
  }
}

/** What the cron job prints. */
export function report(now) {
  return `report for ${now.toISOString()}: all is well`;
}
