import { z } from "zod";

/** Milliseconds, up to a day. */
const milliseconds = z.number().int().min(0).max(86_400_000);
const percent = z.number().min(0).max(100);
/** Which way of a link a fault bites; asymmetric faults bite one. `upstream` is from the client to the server. */
const direction = z.enum(["both", "upstream", "downstream"]).default("both");

// On links, from a role to Redis or to a chain's node.

const latency = z.strictObject({
  type: z.literal("Latency"),
  milliseconds,
  /** Uniform, around `milliseconds`. */
  jitterMilliseconds: milliseconds.default(0),
  direction,
});
const packetLoss = z.strictObject({ type: z.literal("PacketLoss"), percent, direction });
const networkPartition = z.strictObject({ type: z.literal("NetworkPartition"), direction });
/** A node says what is not so, in so many of its answers: other hashes, other logs. */
const rpcLie = z.strictObject({ type: z.literal("RpcLie"), percent: percent.default(100) });
/** A node shows the chain as it was so many blocks ago. */
const rpcLag = z.strictObject({ type: z.literal("RpcLag"), blocks: z.number().int().min(1).max(10_000) });

// On processes.

const cpuSpike = z.strictObject({ type: z.literal("CpuSpike"), percent });
const memoryPressure = z.strictObject({
  type: z.literal("MemoryPressure"),
  megabytes: z.number().int().min(1).max(65_536),
});
/** Every flush of the disk takes so much longer. */
const diskSlow = z.strictObject({ type: z.literal("DiskSlow"), milliseconds });
const diskFull = z.strictObject({ type: z.literal("DiskFull") });
/** Killed, and not started again before the delay is over; or frozen for as long as the fault lasts. */
const serviceCrash = z.strictObject({
  type: z.literal("ServiceCrash"),
  mode: z.enum(["kill", "freeze"]).default("kill"),
  restartDelayMilliseconds: milliseconds.default(0),
});
/** The process reads another time of day. */
const clockSkew = z.strictObject({
  type: z.literal("ClockSkew"),
  milliseconds: z.number().int().min(-86_400_000).max(86_400_000),
});
/** The event loop stands still for so long, again and again, with as much time between. */
const eventLoopBlock = z.strictObject({
  type: z.literal("EventLoopBlock"),
  milliseconds: milliseconds.min(1).max(60_000),
});

// On a chain's node, and on Redis as a whole.

/** The newest blocks of a local chain vanish, with what is in them. */
const reorg = z.strictObject({ type: z.literal("Reorg"), depth: z.number().int().min(1).max(1_000) });
/** Another becomes the primary of Redis, where Sentinels look after it; the one that there is dies, and comes back with what was on its disk. */
const redisFailover = z.strictObject({ type: z.literal("RedisFailover") });

/** One fault by itself, with its measures. */
export const faultSchema = z.discriminatedUnion("type", [
  latency,
  packetLoss,
  networkPartition,
  rpcLie,
  rpcLag,
  cpuSpike,
  memoryPressure,
  diskSlow,
  diskFull,
  serviceCrash,
  clockSkew,
  eventLoopBlock,
  reorg,
  redisFailover,
]);
/** {@link faultSchema} */
export type Fault = z.infer<typeof faultSchema>;
export type FaultType = Fault["type"];

/** All types, in the order of {@link faultSchema}. */
export const faultTypes: readonly FaultType[] = faultSchema.options.map(({ shape }) => shape.type.value);

/** What a fault of each type is done to. */
export const bitesOn = {
  Latency: "link",
  PacketLoss: "link",
  NetworkPartition: "link",
  RpcLie: "link",
  RpcLag: "link",
  CpuSpike: "process",
  MemoryPressure: "process",
  DiskSlow: "process",
  DiskFull: "process",
  ServiceCrash: "process",
  ClockSkew: "process",
  EventLoopBlock: "process",
  Reorg: "process",
  RedisFailover: "process",
} as const satisfies Record<FaultType, "link" | "process">;
