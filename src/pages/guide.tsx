import { QrCode } from "./qr-code.tsx";
import { Steps } from "./steps.tsx";
import type { Texts } from "./texts.ts";

/** Two ways into WeChat: scan with the phone, or take the link over. The URL is shown and encoded exactly. */
export function Guide(props: { url: string; texts: Texts["guide"] }) {
  const { texts, url } = props;
  return (
    <>
      <QrCode url={url} label={texts.qrLabel} caption={texts.scan} />
      <h2>{texts.copy}</h2>
      <code class="url">{url}</code>
      <Steps steps={texts.steps} ordered />
    </>
  );
}
