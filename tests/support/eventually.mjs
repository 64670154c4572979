// Asks until it is so: for what a server does after it has answered.
export async function eventually(isSo, what, { timeout_ms = 30_000, every_ms = 20 } = {}) {
  for (const deadline = Date.now() + timeout_ms; ;) {
    if (await isSo()) return;
    if (Date.now() > deadline) throw new Error(`${what} did not come in ${timeout_ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, every_ms));
  }
}
