import { Anvil, type AnvilOptions } from "./anvil.ts";
import { Deployer, RICH } from "./deployer.ts";
import { posing } from "./deployment-file.ts";

/** Two nodes with the development file's chain ids, and somebody with money to deploy on them. */
export async function twoChains(away: Partial<AnvilOptions> = {}, home: Partial<AnvilOptions> = {}) {
  const nodes = await Promise.all([
    Anvil.start({ chainId: 31_337, ...home }),
    Anvil.start({ chainId: 31_338, ...away }),
  ]);
  const [a, b] = nodes;
  const deployer = new Deployer({ A: a.url, B: b.url });
  deployer.write(posing("development"));
  for (const node of nodes) await node.fund(deployer.wallet.address, RICH);
  return {
    ...{ a, b, nodes, deployer },
    key: { CI: "true", DCHAT_DEPLOYER_KEY: deployer.wallet.privateKey },
    [Symbol.asyncDispose]: async () => {
      deployer[Symbol.dispose]();
      await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
    },
  };
}
