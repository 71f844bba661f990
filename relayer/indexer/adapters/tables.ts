import type { ChainId, Hash, PublicKey } from "../../domain/ids.ts";
import type {
  EscrowFact,
  Facts,
  MessageFact,
  OutcomeFact,
  SetFact,
  SlashingFact,
  ValidatorFact,
} from "../core/facts.ts";
import type { EscrowSummary, ValidatorSummary } from "../core/summaries.ts";

type Block = {
  chainId: ChainId;
  number: number;
  hash: Hash;
  parentHash: Hash;
  blockTime: number;
};

type Cursor = {
  chainId: ChainId;
  number: number;
  hash: Hash;
  blockTime: number;
  head: number;
  final: number;
  seenAt: number;
};

/** The one row that every writer locks first: writers of different chains touch the same summaries. */
type Meta = { id: number; rebuildId: string | null };

/** Columns of JSONB are written as text, and read as what it says. */
type Json<Row, Column extends keyof Row> = Omit<Row, Column> & Record<Column, unknown>;

/** The tables of the index; see migrations.ts for their keys and indices. */
export type Tables = {
  meta: Meta;
  cursors: Cursor;
  blocks: Block;
  messages: MessageFact & { outcome: OutcomeFact["kind"] | null };
  outcomes: OutcomeFact;
  validatorEvents: ValidatorFact;
  validators: ValidatorSummary & { chainId: ChainId; key: PublicKey };
  validatorSets: Json<SetFact, "members">;
  slashings: SlashingFact;
  escrowEvents: EscrowFact;
  escrows: EscrowSummary & {
    chainId: ChainId;
    id: Hash;
    terms: unknown;
    createdAt: number;
    createdBlock: number;
    createdLog: number;
    createdTransaction: Hash;
  };
};

/** The tables that hold one row a log. */
export const FACT_TABLES = [
  "messages",
  "outcomes",
  "validatorEvents",
  "validatorSets",
  "slashings",
  "escrowEvents",
] as const satisfies readonly (keyof Facts)[];
