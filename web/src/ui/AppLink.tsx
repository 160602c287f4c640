import { useRouter } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, MouseEvent, Ref } from "react";

type Props = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "href"> & { to: string; ref?: Ref<HTMLAnchorElement> };

/** A link within the application, to any of its addresses. Opens in a new tab as every link does. */
export function AppLink({ to, onClick, ...rest }: Props) {
  const router = useRouter();
  const click = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || rest.target === "_blank") return;
    event.preventDefault();
    router.history.push(to);
  };
  return <a href={to} onClick={click} {...rest} />;
}

/** Goes to any address of the application. */
export function useGo(): (to: string, options?: { replace?: boolean }) => void {
  const router = useRouter();
  return (to, options) => (options?.replace ? router.history.replace(to) : router.history.push(to));
}
