import { useSignal } from "@preact/signals";
import { ageOf } from "../../shared/core/freshness.ts";
import { shorten, showAmount, showCountdown, showMoment } from "../../shared/core/format.ts";
import { now } from "../../shared/services/network.ts";
import { Hash, Notice } from "../../shared/views/parts.tsx";
import { slashingWords } from "../core/validators.ts";
import { api } from "../services/api.ts";
import { Chip, Empty, LIST_ROWS, Loaded, MoreRows, Panel, Table, useLooks } from "./parts.tsx";
import { BOND_DECIMALS } from "./validators.tsx";

const LIST_MILLISECONDS = 5_000;

/** What validators were proven to have done, and what it cost them. */
export function EvidenceView() {
  return (
    <>
      <h1>Evidence and slashings</h1>
      <Slashings validatorKey={undefined} />
    </>
  );
}

/** @param props.validatorKey of one validator; undefined for all */
export function Slashings({ validatorKey }: { readonly validatorKey: string | undefined }) {
  const limit = useSignal(LIST_ROWS.first);
  const looked = useLooks(
    () =>
      api.slashings({
        limit: String(limit.value),
        ...(validatorKey === undefined ? {} : { key: validatorKey }),
      }),
    LIST_MILLISECONDS,
    [limit.value, validatorKey],
  );
  return (
    <Panel id="slashings" title="Slashings, newest first">
      <Loaded looked={looked} label="Loading slashings">
        {({ slashings, next, index }) => (
          <>
            {ageOf(index) !== undefined && <Notice tone="warn">{ageOf(index)}</Notice>}
            {slashings.length === 0 ? (
              <Empty>
                No evidence was ever held against {validatorKey === undefined ? "anybody" : "it"}.
              </Empty>
            ) : (
              <Table
                label="Slashings"
                head={[
                  "When",
                  "Step",
                  "Offence",
                  "Validator",
                  "#Amount",
                  "#Reward",
                  "Evidence",
                  "Transaction",
                ]}
              >
                {slashings.map((each, i) => {
                  const { word, tone } = slashingWords(each);
                  return (
                    <tr key={`${each.source.transactionHash} ${i}`}>
                      <td title={showMoment(each.time)}>
                        {showCountdown(each.time, Math.max(now.value, each.time))}
                      </td>
                      <td>
                        <Chip tone={tone}>{word}</Chip>
                      </td>
                      <th scope="row">{each.offence ?? ""}</th>
                      <td>
                        {each.key !== null && (
                          <a class="mono" href={`#/validators/${each.key}`} title={each.key}>
                            {shorten(each.key)}
                          </a>
                        )}
                      </td>
                      <td class="number">{amount(each.amount)}</td>
                      <td class="number">{amount(each.reward)}</td>
                      <td>
                        {each.evidenceHash !== null && (
                          <Hash value={each.evidenceHash} what="the evidence’s hash" />
                        )}
                      </td>
                      <td>
                        <Hash
                          value={each.source.transactionHash}
                          what="the transaction"
                          chain={each.source.chain}
                        />
                      </td>
                    </tr>
                  );
                })}
              </Table>
            )}
            {next !== null && <MoreRows limit={limit} />}
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function amount(value: bigint | null): string {
  return value === null ? "" : showAmount(value, BOND_DECIMALS, "").trim();
}
