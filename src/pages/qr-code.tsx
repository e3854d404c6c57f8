import { encode } from "uqr";

/** Beyond this a code is too fine for a screen; bounds the work as well. The longest guide URL is shorter. */
const MAX_URL_BYTES = 1400;

/** Every mask can be read (measured with two decoders). Choosing among all eight costs up to 11 ms of CPU: too much. */
const MASK = 0;

/** The URL, byte for byte, as an inline SVG; nothing at all if it cannot be one. */
export function QrCode(props: { url: string; label: string; caption: string }) {
  if (!props.url.isWellFormed() || new TextEncoder().encode(props.url).length > MAX_URL_BYTES) return null;
  const code = encode(props.url, { ecc: "L", boostEcc: true, maskPattern: MASK, border: 4 });
  // Bigger codes get more room, or a camera cannot tell the modules apart.
  const width = Math.min(336, Math.max(232, code.size * 4));
  return (
    <figure>
      <svg
        class="qr"
        role="img"
        aria-label={props.label}
        width={width}
        height={width}
        viewBox={`0 0 ${code.size} ${code.size}`}
        shape-rendering="crispEdges"
      >
        <path d={darkRuns(code.data)} stroke="#000" />
      </svg>
      <figcaption class="soft">{props.caption}</figcaption>
    </figure>
  );
}

/** One line per run of dark modules, in relative steps: a tenth of the bytes of one square per module. */
function darkRuns(rows: readonly (readonly boolean[])[]): string {
  return rows.map(darkRunsOfRow).join("");
}

function darkRunsOfRow(row: readonly boolean[], y: number): string {
  let path = "";
  let pen = 0;
  for (let start = row.indexOf(true); start !== -1; start = row.indexOf(true, pen)) {
    const light = row.indexOf(false, start);
    const end = light === -1 ? row.length : light;
    path += `${path === "" ? `M${start} ${y}.5` : `m${start - pen} 0`}h${end - start}`;
    pen = end;
  }
  return path;
}
