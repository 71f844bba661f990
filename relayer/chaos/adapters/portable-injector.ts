import type { Clock, Injector } from "../ports.ts";
import { LeasedInjector } from "./leased-injector.ts";
import type { Leases } from "./leases.ts";
import { burnerMakers } from "./portable/burners.ts";
import { crashMakers } from "./portable/crashes.ts";
import { insideMakers } from "./portable/inside.ts";
import { linkMakers } from "./portable/links.ts";
import { reorgMaker } from "./portable/reorg.ts";

/** What the portable tier knows of the fleet. */
export type PortableOptions = {
  /** The URL of the server of proxies; each link has one of its name there. */
  readonly toxiproxy: string;
  /** Where the supervisor looks for what it may not start again yet. */
  readonly holdFolder: string;
  /** The Redis of the fleet, past every proxy. */
  readonly redisUrl: string;
  /** The RPC of a local development chain, by the name of its process. */
  readonly chainUrl: (name: string) => string | undefined;
};

/** Every fault of the catalogue by means that any system has; what each does is in its mechanism's words. */
export function portableInjector(
  { toxiproxy, holdFolder, redisUrl, chainUrl }: PortableOptions,
  { leases, clock }: { readonly leases: Leases; readonly clock: Clock },
): Injector {
  const makers = [
    ...linkMakers(toxiproxy),
    ...crashMakers(holdFolder, redisUrl),
    ...burnerMakers,
    ...insideMakers,
    reorgMaker(chainUrl, clock),
  ];
  return new LeasedInjector("portable", makers, [], { leases, clock });
}
