import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";

import { Button, IconButton } from "./Button";

/** Copies a text. With `children` it is a button with words, else an icon. */
export function CopyButton({ text, label = "Copy", children }: { text: string; label?: string; children?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  const icon = copied ? <Check className="size-3.5 text-ok-text" /> : <Copy className="size-3.5" />;
  const copy = () => void copyText(text).then(() => setCopied(true));
  return (
    <>
      {children ? (
        <Button size="sm" icon={icon} onClick={copy}>
          {copied ? "Copied" : children}
        </Button>
      ) : (
        <IconButton label={copied ? "Copied" : label} icon={icon} onClick={copy} />
      )}
      <span className="sr-only" aria-live="polite">
        {copied ? "Copied" : ""}
      </span>
    </>
  );
}

/** The clipboard needs a secure context; over plain HTTP in a local network a selection does it. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "sr-only";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
