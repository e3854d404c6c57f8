/** autocannon brings no types: what the generator uses of it. */
declare module "autocannon" {
  import type { EventEmitter } from "node:events";

  type AutocannonRequest = { headers: Record<string, string>; method?: string; path?: string };
  type Options = {
    url: string;
    connections: number;
    duration?: number;
    amount?: number;
    sampleInt: number;
    timeout: number;
    headers: Record<string, string>;
    requests?: Array<{ setupRequest: (request: AutocannonRequest) => AutocannonRequest }>;
  };
  type Result = {
    errors: number;
    timeouts: number;
    statusCodeStats: Record<string, { count: number }>;
  };

  export default function autocannon(
    options: Options,
    callback: (error: Error | null, result: Result) => void,
  ): EventEmitter;
}
