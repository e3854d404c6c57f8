import type { html } from "hono/html";

/** What `html` makes: text whose inserted values are escaped. `null` and `false` insert nothing, a list its parts. */
export type Markup = ReturnType<typeof html> | null;
