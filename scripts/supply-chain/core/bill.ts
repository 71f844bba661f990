import { z } from "zod";

const billSchema = z.looseObject({
  serialNumber: z.string(),
  metadata: z.looseObject({ timestamp: z.string(), component: z.looseObject({ name: z.string() }) }),
  components: z.array(z.looseObject({ name: z.string(), version: z.string() })),
});

/** A program that is part of what runs, and that no lock file knows. */
export type ExtraComponent = { readonly name: string; readonly version: string; readonly sha256: string };

/**
 * npm's bill of materials, the same for the same lock file wherever and whenever it is made: without a number and a time of its own, under
 * our name instead of the folder's; and with what the lock file does not know.
 * @param said what npm wrote, in CycloneDX
 * @throws where that is of another shape
 */
export function settleBill(said: unknown, name: string, extra: readonly ExtraComponent[]) {
  const { serialNumber, metadata, components, ...rest } = billSchema.parse(said);
  const { timestamp, component, ...about } = metadata;
  return {
    ...rest,
    metadata: { ...about, component: { ...component, name } },
    components: [
      ...components,
      ...extra.map((each) => ({
        "bom-ref": `${each.name}@${each.version}`,
        type: "application",
        name: each.name,
        version: each.version,
        hashes: [{ alg: "SHA-256", content: each.sha256 }],
      })),
    ],
  };
}
