import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { parseEther, type Provider, Wallet, ZeroHash } from "ethers";
import { WrappedNative__factory } from "../../../types/ethers-contracts/factories/mocks/WrappedNative__factory.ts";
import { ValidatorRegistry__factory } from "../../../types/ethers-contracts/factories/bridge/ValidatorRegistry__factory.ts";
import { LocalSigningKey } from "../../../relayer/bridge/adapters/local-key.ts";
import { OperatorWallet } from "../../../relayer/bridge/adapters/operator-wallet.ts";
import { type Addresses, addressesSchema } from "../../../relayer/domain/addresses-file.ts";
import { type Address, hash } from "../../../relayer/domain/ids.ts";
import type { Raw } from "../../../relayer/platform/json-settings.ts";
import { dchat } from "../../e2e/support/cli.ts";
import { type Ended, repository, type Running, start, until } from "./processes.ts";

/** A validator that operates itself. */
export type Joiner = {
  readonly key: LocalSigningKey;
  readonly secret: Uint8Array;
  readonly operator: Wallet;
};

/** Somebody who deploys with the command line: a folder with the deployment file, and an empty keystore of Hardhat's. */
export class Deployer implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "dchat-deploy-"));
  readonly wallet = new Wallet(`0x${randomBytes(32).toString("hex")}`);
  readonly validators: readonly Joiner[] = Array.from({ length: 3 }, () => {
    const secret = randomBytes(32);
    const operator = new Wallet(`0x${randomBytes(32).toString("hex")}`);
    return { key: new LocalSigningKey(secret), secret, operator };
  });
  readonly #environment: NodeJS.ProcessEnv;

  /** @param urls the providers of the chains, by name */
  constructor(urls: Readonly<Record<string, string>>) {
    const providers = Object.entries(urls).map(
      ([name, url]) => [`DCHAT_RPC_URL_${name.toUpperCase()}`, url] as const,
    );
    const home = join(this.folder, "home");
    mkdirSync(home);
    this.#environment = {
      ...Object.fromEntries(providers),
      // Hardhat's keystore is there; whatever the one who runs the tests has in theirs stays closed.
      ...{ XDG_CONFIG_HOME: home, HOME: home, CI: undefined },
    };
  }

  get addressesFile(): string {
    return join(this.folder, "addresses.json");
  }

  /** Writes the deployment file with these operators. @param account whom it names as deployer */
  write(file: Raw, account = this.wallet.address): void {
    const operators = this.validators.map(({ operator }) => ({ operator: operator.address, seats: 1 }));
    const text = JSON.stringify({ ...file, deployer: account, operators });
    writeFileSync(join(this.folder, "deployment.json"), text);
  }

  /** Puts the deployer's key into Hardhat's keystore, as people do: into the one for development, or with a password into the other. */
  async keepKey(password?: string): Promise<void> {
    const hardhat = join(repository, "node_modules/hardhat/dist/src/cli.js");
    const args = [
      hardhat,
      "keystore",
      "set",
      ...(password === undefined ? ["--dev"] : []),
      "DCHAT_DEPLOYER_KEY",
    ];
    const running = start(process.execPath, args, {
      cwd: repository,
      env: { ...process.env, ...this.#environment },
    });
    const answers: readonly (readonly [question: RegExp, answer: string])[] = [
      ...(password === undefined
        ? []
        : ([
            [/Enter the password/, password],
            [/confirm/, password],
          ] as const)),
      [/Enter secret/, this.wallet.privateKey],
    ];
    for (const [question, answer] of answers) {
      await until(String(question), () => question.test(running.stdout()));
      running.child.stdin?.write(`${answer}\n`);
    }
    running.child.stdin?.end();
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 0, `${stdout}\n${stderr}`);
  }

  /** What stands behind `dchat` for `deploy plan|run|check`. */
  words(command: "plan" | "run" | "check"): readonly string[] {
    const files = [join(this.folder, "deployment.json"), "--addresses", this.addressesFile];
    return ["--json", "deploy", command, ...files];
  }

  /** `dchat deploy plan|run|check`, started. */
  start(command: "plan" | "run" | "check", environment: NodeJS.ProcessEnv = {}): Running {
    return dchat(this.words(command), this.environment(environment));
  }

  /** The providers, and Hardhat's own folders, which are empty. */
  environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return { ...this.#environment, ...more };
  }

  /** Any command of dchat, with the providers that this deployer has. */
  async command(...args: readonly string[]): Promise<Ended> {
    return dchat(["--json", ...args], this.#environment).ended;
  }

  async deploy(command: "plan" | "run" | "check", environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return this.start(command, environment).ended;
  }

  addresses(): Addresses {
    return addressesSchema.parse(JSON.parse(readFileSync(this.addressesFile, "utf8")));
  }

  /** Where a contract of a chain is, by the addresses file. */
  at(chain: string, key: string): Address {
    const found = Object.entries(this.addresses().chains).find(([name]) => name === chain)?.[1].contracts[
      key
    ];
    assert(found !== undefined, `${key} on ${chain}`);
    return found.address;
  }

  /** Lets every operator join with its validator, and forms the first set. The operators have money. */
  async formSet(registry: Address, provider: Provider, bond: bigint): Promise<void> {
    const { signal } = new AbortController();
    const contract = ValidatorRegistry__factory.connect(registry, provider);
    const wallets = this.validators.map(
      ({ operator }) => new OperatorWallet(registry, operator.connect(provider), signal),
    );
    for (const [i, { key, operator }] of this.validators.entries()) {
      const digest = hash.parse(await contract.joinDigest(operator.address, key.publicKey, ZeroHash));
      await wallets[i]?.join({ key: key.publicKey, bond, proof: await key.sign(digest) });
    }
    await wallets[0]?.formSet(this.validators.map(({ key }) => key.publicKey).sort());
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Enough for every contract, and for CreateX. */
export const RICH = parseEther("10");

/** The code that a token which wraps the native currency has, to be put where a testnet has one. */
export async function wrappedNativeCode(provider: Provider): Promise<string> {
  return provider.call({ data: WrappedNative__factory.bytecode });
}
