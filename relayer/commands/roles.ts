/** The roles that a relayer process can play; apart from their code, which not every command loads. */
export const roles = [
  "watcher",
  "signer",
  "sender",
  "keeper",
  "watchtower",
  "indexer",
  "alerting",
  "speech",
  "chaos",
  "api",
] as const;
