import { effect, type Signal, signal } from "@preact/signals";

/**
 * The route that the address names, as it changes; the title of the page follows it.
 * @param read what a hash of the address stands for
 */
export function followAddress<R>(read: (hash: string) => R, titleOf: (route: R) => string): Signal<R> {
  const route = signal(read(location.hash));
  effect(() => {
    document.title = titleOf(route.value);
  });
  addEventListener("hashchange", () => {
    route.value = read(location.hash);
    // Whoever uses a keyboard or a screen reader starts at the top of the new view.
    document.querySelector("main")?.focus();
  });
  return route;
}

/** The first thing that the keyboard comes to: past what is on every view. */
export function SkipLink() {
  return (
    <a
      class="skip"
      href="#main"
      onClick={(event) => {
        event.preventDefault(); // the address says which view this is
        document.querySelector("main")?.focus();
      }}
    >
      Skip to the content
    </a>
  );
}
