import { FetchRequest, JsonRpcProvider, type JsonRpcPayload, type JsonRpcResult, Network } from "ethers";
import { z } from "zod";
import type { ChainConfig } from "../../domain/network.ts";
import type { Transport } from "./endpoint.ts";
import type { Route } from "./routes.ts";

/** One or many answers: what is in them, ethers checks. */
const answers = z.union([
  z.array(z.custom<JsonRpcResult>()),
  z.custom<JsonRpcResult>().transform((one) => [one]),
]);

/** An ethers provider that leaves UTF-8 to the platform: ethers does it by the character, which took a fifth of a sender's time. */
class Connection extends JsonRpcProvider {
  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<JsonRpcResult[]> {
    const request = this._getConnection();
    request.body = new TextEncoder().encode(JSON.stringify(payload));
    request.setHeader("content-type", "application/json");
    const response = await request.send();
    response.assertOk();
    return answers.parse(JSON.parse(new TextDecoder().decode(response.body ?? undefined)));
  }
}

/** The connection to one URL, as ethers does it: requests of the same moment travel together, each with a time limit. */
export function connect(url: string, chain: ChainConfig): Transport {
  const provider = new Connection(withTimeout(url, chain), Network.from(chain.chainId), options(chain));
  return {
    send: (method, params) => provider.send(method, [...params]) as Promise<unknown>, // ethers says any
    destroy: () => {
      provider.destroy();
    },
  };
}

/** An ethers provider whose every request takes a route of ours instead of a connection of its own. */
export class RoutedProvider extends JsonRpcProvider {
  readonly #route: Route;

  constructor(chain: ChainConfig, route: Route) {
    super(withTimeout(chain.rpcUrl, chain), Network.from(chain.chainId), options(chain));
    this.#route = route;
  }

  override send(method: string, params: unknown[] | Record<string, unknown>): Promise<unknown> {
    if (!Array.isArray(params)) throw new Error(`${method} was called with named parameters`);
    return this.#route(method, params);
  }
}

function withTimeout(url: string, { rpcTimeoutMilliseconds }: ChainConfig): FetchRequest {
  const request = new FetchRequest(url);
  request.timeout = rpcTimeoutMilliseconds;
  return request;
}

// Nothing is cached, and the chain id comes from the configuration: `Rpc.verify` holds the endpoints to it.
function options({ pollMilliseconds }: ChainConfig) {
  return { staticNetwork: true, cacheTimeout: -1, pollingInterval: pollMilliseconds };
}
