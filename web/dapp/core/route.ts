/** The views of the page and their addresses: what stands behind the # of its URL. */

export const ESCROW_ROLES = ["buyer", "seller", "arbiter"] as const;
export type EscrowRole = (typeof ESCROW_ROLES)[number];

export type Route =
  | { readonly view: "bridge" }
  | { readonly view: "transfer"; readonly id: string }
  | { readonly view: "escrows"; readonly role: EscrowRole }
  | { readonly view: "new-escrow" }
  | { readonly view: "escrow"; readonly id: string }
  /** What somebody has signed for others to send; empty for a place to put it. */
  | { readonly view: "signed"; readonly coded: string }
  | { readonly view: "nowhere" };

const ID = /^0x[0-9a-fA-F]{64}$/;

/** Reads an address. Anything that is no view is said to be none. */
export function readRoute(hash: string): Route {
  const [view = "", part = ""] = hash.replace(/^#?\/?/, "").split("/");
  switch (view) {
    case "":
    case "bridge":
      return { view: "bridge" };
    case "transfer":
      return ID.test(part) ? { view: "transfer", id: part.toLowerCase() } : { view: "nowhere" };
    case "escrows": {
      const role = ESCROW_ROLES.find((each) => each === (part || "buyer"));
      return role === undefined ? { view: "nowhere" } : { view: "escrows", role };
    }
    case "escrow":
      if (part === "new") return { view: "new-escrow" };
      return ID.test(part) ? { view: "escrow", id: part.toLowerCase() } : { view: "nowhere" };
    case "signed":
      return /^[\w-]*$/.test(part) ? { view: "signed", coded: part } : { view: "nowhere" };
    default:
      return { view: "nowhere" };
  }
}

/** What the browser calls a view. */
export function titleOf({ view }: Route): string {
  const titles: Readonly<Record<Route["view"], string>> = {
    bridge: "Bridge",
    transfer: "Transfer",
    escrows: "Escrows",
    "new-escrow": "New escrow",
    escrow: "Escrow",
    signed: "Signed action",
    nowhere: "Nothing here",
  };
  return `${titles[view]} · dchat`;
}
