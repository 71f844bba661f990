import { ConfigurationError } from "../../domain/errors.ts";
import { PROTECTED, type Selector } from "./selector.ts";

/** What JSON can say. */
export type Json = { readonly [key: string]: Json | readonly Json[] | readonly string[] | string | number };

/** A fault in the words of Chaos Mesh. */
export type Chaos = {
  readonly kind: "NetworkChaos" | "PodChaos" | "StressChaos" | "IOChaos" | "TimeChaos";
  readonly spec: Json;
};

/** Kubernetes' recommended labels, by which pods are found. */
export const LABELS = {
  partOf: "app.kubernetes.io/part-of",
  component: "app.kubernetes.io/component",
  managedBy: "app.kubernetes.io/managed-by",
} as const;
const ZONE = "topology.kubernetes.io/zone";
const REGION = "topology.kubernetes.io/region";

/** Pods of the fleet, and how many of them; never the controller and the checker. */
export function podsOf(selector: Selector, namespace: string): Json {
  return { ...modeOf(selector), selector: { ...everybody(namespace), ...restrict(selector, namespace) } };
}

/** All pods of the fleet. */
export function allPods(namespace: string): Json {
  return { mode: "all", selector: everybody(namespace) };
}

function everybody(namespace: string): Json {
  return {
    namespaces: [namespace],
    labelSelectors: { [LABELS.partOf]: "dchat" },
    expressionSelectors: [{ key: LABELS.component, operator: "NotIn", values: [...PROTECTED] }],
  };
}

function restrict(selector: Selector, namespace: string): Json {
  switch (selector.kind) {
    case "Pod":
      return { pods: { [namespace]: [selector.name] } };
    case "Service":
      return { labelSelectors: { [LABELS.partOf]: "dchat", [LABELS.component]: selector.service } };
    case "AZ":
      return { nodeSelectors: { [ZONE]: selector.zone } };
    case "Region":
      return { nodeSelectors: { [REGION]: selector.region } };
  }
}

function modeOf(selector: Selector): Json {
  if (selector.kind === "Pod") return { mode: "all" };
  const { most, share } = selector;
  if (most !== undefined && share !== undefined)
    throw new ConfigurationError(
      "NOT_IN_CHAOS_MESH",
      "Chaos Mesh does not have a count and a share at the same time. Nothing was generated; name one of them.",
    );
  if (most !== undefined) return { mode: "fixed", value: String(most) };
  return share === undefined
    ? { mode: "all" }
    : { mode: "fixed-percent", value: String(Math.max(1, Math.floor(share * 100))) };
}
