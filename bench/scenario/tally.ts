import type { Answer } from "../lib/http-client.ts";

/** What came of every request of the load test, by kind. */

export class Tally {
  readonly outcomes = new Map<string, number>();
  /** Failures that nobody injected, with how often each was met. */
  readonly unexplained = new Map<string, number>();
  wrongIdentities = 0;
  /** Answers of WeChat that were made later than the gateway waits, and refusals that nothing else explains. */
  tooSlow = { scripted: 0, met: 0 };

  count(outcome: string): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }

  blame(what: string): void {
    this.unexplained.set(what, (this.unexplained.get(what) ?? 0) + 1);
  }

  /** Was this a failure that the test itself caused? Everything of 500 and more that it did not cause is blamed. */
  isFailure(kind: string, { status, headers, body }: Answer): boolean {
    if (status < 500) return false;
    const isInjected = headers["x-injected"] !== undefined;
    this.count(`${kind}: ${status}, ${isInjected ? "injected" : "NOT injected"}`);
    if (!isInjected) this.blame(`${kind}: ${status} ${/"code":"(\w+)"|<code>(\w+)/.exec(body)?.[0] ?? ""}`);
    return true;
  }
}

export function formatTally({ outcomes, unexplained, wrongIdentities }: Tally, seconds: number): string {
  const lines = [...outcomes]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([outcome, count]) => `  ${String(count).padStart(8)}  ${outcome}`);
  const total = [...outcomes.values()].reduce((sum, count) => sum + count, 0);
  const blamed = [...unexplained].map(([what, count]) => `  ${String(count).padStart(8)}  ${what}`);
  return [
    `${total} outcomes in ${seconds} s:`,
    ...lines,
    `wrong identities: ${wrongIdentities}`,
    `failures that were not injected: ${blamed.length === 0 ? "0" : ""}`,
    ...blamed,
  ].join("\n");
}
