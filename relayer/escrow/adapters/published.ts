import { AbiCoder, getBytes } from "ethers";
import { z } from "zod";

/**
 * The text that a party published, from the data of an `Evidence` or `MetaEvidence` log (ERC-1497), whose only argument that is not
 * indexed it is. Contracts take any bytes for a string: those that are no UTF-8, and NUL, which PostgreSQL does not keep, are replaced
 * by U+FFFD, so that nobody can publish what cannot be shown.
 */
export function readPublished(data: string): string {
  const raw = z.string().parse(AbiCoder.defaultAbiCoder().decode(["bytes"], data)[0]);
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(getBytes(raw));
  return text.replaceAll("\0", "\uFFFD");
}
