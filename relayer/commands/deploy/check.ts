import { ConfigurationError } from "../../domain/errors.ts";
import type { Environment } from "../../platform/environment.ts";
import type { LocalContext } from "../context.ts";
import { describeFindings, fail, type Look as Question, lookAt, ok } from "../doctor/finding.ts";
import { lookAtConstructor } from "./constructor-look.ts";
import { lookAtFacts } from "./facts-look.ts";
import { type ChainLook, type ContractLook, look, type Look, recordProblems } from "./look.ts";
import { type DeployOptions, type DeploySession, withDeploySession } from "./session.ts";

/**
 * `dchat deploy check`: holds the code on the chains against what was compiled, what constructors were told against the deployment file, and what can
 * change against both.
 * @returns whether nothing is wrong
 * @throws ConfigurationError `NO_ADDRESSES` before the first run
 */
export async function check(
  path: string,
  options: DeployOptions,
  { output, signal }: LocalContext,
  environment: Environment,
): Promise<boolean> {
  return withDeploySession(path, options, environment, async (session) => {
    if (session.recorded === undefined)
      throw new ConfigurationError(
        "NO_ADDRESSES",
        `There is no ${session.addressesFile}, so nothing was deployed from here. Run "dchat deploy run" first, or name the file with --addresses.`,
      );
    output.step(`looking at ${session.chains.map(({ name }) => name).join(", ")}`);
    const found = await look(session);
    const findings = await lookAt(questions(session, found), signal);
    const healthy = findings.every(({ level }) => level !== "fail");
    output.result({ deployment: session.file.name, healthy, findings }, describeFindings(findings));
    return healthy;
  });
}

function questions(session: DeploySession, found: Look): readonly Question[] {
  const record = recordProblems(session, found.terms.layouts);
  return [
    ...record.map((problem) => ({ check: "addresses", look: () => Promise.resolve(fail(problem)) })),
    ...found.chains.flatMap((chain) => [
      ...chain.contracts.flatMap((contract) => contractQuestions(session, found, chain, contract)),
      ...lookAtFacts(found, chain),
    ]),
  ];
}

/** Its code; and where that is there, what its constructor was told. */
function contractQuestions(
  session: DeploySession,
  found: Look,
  chain: ChainLook,
  contract: ContractLook,
): readonly Question[] {
  const name = `${chain.open.name}: ${contract.key}`;
  const code = { check: `${name}: code`, look: () => Promise.resolve(judgeCode(contract)) };
  if (contract.state !== "there") return [code];
  const transaction = session.recorded?.chains[chain.open.name]?.contracts[contract.key]?.transaction;
  return [
    code,
    {
      check: `${name}: constructor`,
      look: () => lookAtConstructor(found.terms, chain, contract, transaction),
    },
  ];
}

function judgeCode({ state, contract, address }: ContractLook) {
  switch (state) {
    case "there":
      return ok(`${contract} at ${address}`);
    case "strange":
      return fail(
        `What stands at ${address} is not the ${contract} that was compiled here: it may do anything with what is sent there. Send nothing; compare with the sources that it was deployed from.`,
      );
    case "missing":
    case "waits":
      return fail(
        `There is no contract at ${address} yet. What is sent there is lost. Run "dchat deploy run" before anybody uses it.`,
      );
  }
}
