// For what is counted by minutes of the clock.
const minute_ms = 60_000;

// Waits for the next minute if this one ends before so long: what follows is counted in one.
export async function withinOneMinute(needs_ms) {
  const left_ms = minute_ms - (Date.now() % minute_ms);
  if (left_ms < needs_ms) await new Promise((resolve) => setTimeout(resolve, left_ms + 10));
}
