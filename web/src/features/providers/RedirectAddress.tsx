import { CopyButton } from "~/ui/CopyButton";

/** The address that has to be registered at a vendor, to which it sends the browser back. */
export function redirectUrl(): string {
  return `${window.location.origin}/oauth/callback`;
}

export function RedirectAddress() {
  return (
    <span className="mt-1.5 flex max-w-xl items-center gap-2">
      <code className="ellipsis h-8 flex-1 rounded-md border border-line bg-surface px-2.5 font-mono text-xs leading-8 text-text">{redirectUrl()}</code>
      <CopyButton text={redirectUrl()} label="Copy the redirect address" />
    </span>
  );
}
