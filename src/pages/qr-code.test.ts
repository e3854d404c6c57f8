import { BinaryBitmap, DecodeHintType, HybridBinarizer, QRCodeReader, RGBLuminanceSource } from "@zxing/library";
import { expect, it } from "vitest";
import { qrCode } from "./qr-code.ts";

/** What a scanner reads in the very SVG that the page shows. */
async function scanned(url: string): Promise<string> {
  const svg = String(await qrCode(url, { label: "label", caption: "caption" }));
  const size = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]);
  const path = /<path d="([^"]+)"/.exec(svg)?.[1] ?? "";
  const scale = 4;
  const width = size * scale;
  const luminance = new Uint8ClampedArray(width * width).fill(255);
  let [x, y] = [0, 0];
  for (const [, command, first, second] of path.matchAll(/([Mmh])(\d+)(?: ([\d.]+))?/g)) {
    if (command === "M") [x, y] = [Number(first), Math.floor(Number(second))];
    else {
      const end = x + Number(first);
      if (command === "h") {
        for (let row = y * scale; row < (y + 1) * scale; row++) {
          luminance.fill(0, row * width + x * scale, row * width + end * scale);
        }
      }
      x = end;
    }
  }
  const source = new RGBLuminanceSource(luminance, width, width);
  const hints = new Map([[DecodeHintType.PURE_BARCODE, true]]);
  return new QRCodeReader().decode(new BinaryBitmap(new HybridBinarizer(source)), hints).getText();
}

const addresses = Array.from({ length: 20 }, (_, index) => {
  return `https://www.example.com/goods?q=${"%E6%98%A5a1&x=".repeat(index * 7)}`.slice(0, 1_400);
});

it.each(["https://a.cn/", "https://shop.example.com:8443/%E4%BD%A0?a=1&b=2", ...addresses])(
  "%s is what a scanner reads in its QR code",
  async (url) => {
    expect(await scanned(url)).toBe(url);
  },
);
