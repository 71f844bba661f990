import { showAmount, showMoment } from "../../shared/core/format.ts";
import { now } from "../../shared/services/network.ts";
import { Hash } from "../../shared/views/parts.tsx";
import { showAct } from "../core/audit.ts";
import { UNKNOWN } from "../core/measures.ts";
import { seatWords, showValidators } from "../core/validators.ts";
import { api } from "../services/api.ts";
import { fleet } from "../services/fleet.ts";
import { Slashings } from "./evidence.tsx";
import { Chip, Empty, Loaded, Panel, Table, useLooks } from "./parts.tsx";
import { BOND_DECIMALS, STANDINGS } from "./validators.tsx";

const LOOK_MILLISECONDS = 5_000;

/** One validator: where it stands, how it signs, and all that happened to it. */
export function ValidatorView({ validatorKey: key }: { readonly validatorKey: string }) {
  const looked = useLooks(
    async () => {
      const list = await api.validators();
      const isKnown = list.validators.some((each) => each.key === key);
      return { list, history: isKnown ? await api.validator(key) : undefined };
    },
    LOOK_MILLISECONDS,
    [key],
  );
  return (
    <>
      <p class="crumb">
        <a href="#/validators">Validators</a>
      </p>
      <h1>Validator</h1>
      <Hash value={key} what="the validator’s key" />
      <Loaded looked={looked} label="Loading the validator">
        {({ list, history }) => {
          const shown = showValidators(list, fleet.value, now.value).find((each) => each.key === key);
          if (shown === undefined || history === undefined)
            return <Empty>No validator with this key ever joined, as far as the index is.</Empty>;
          const { bond, standing, jailedUntil, window, seats, operator } = shown;
          return (
            <>
              <Panel
                id="standing"
                title="Where it stands"
                aside={<Chip tone={STANDINGS[standing]}>{standing}</Chip>}
              >
                <dl class="facts">
                  <div>
                    <dt>Bond</dt>
                    <dd>{showAmount(bond, BOND_DECIMALS, "").trim()}</dd>
                  </div>
                  <div>
                    <dt>Operator</dt>
                    <dd>{operator === null ? UNKNOWN : <Hash value={operator} what="the operator" />}</dd>
                  </div>
                  <div>
                    <dt>In jail</dt>
                    <dd>{jailedUntil === null ? "no" : `until ${showMoment(jailedUntil / 1_000)}`}</dd>
                  </div>
                  <div>
                    <dt>Missed, of the newest points that the watchtower judges</dt>
                    <dd>{window == null ? UNKNOWN : `${window.missed} of ${window.of}`}</dd>
                  </div>
                  {(seats ?? []).map(({ chain, behindSeconds }) => (
                    <div key={chain}>
                      <dt>Newest point on {chain}</dt>
                      <dd>{seatWords(behindSeconds).word}</dd>
                    </div>
                  ))}
                </dl>
              </Panel>
              <Panel id="events" title="What happened to it">
                <Table
                  label="What happened to it"
                  head={["When", "What", "#Amount", "#Bond after it", "Transaction"]}
                >
                  {history.events.toReversed().map(({ name, source, time, amount, bond: after }, i) => (
                    <tr key={`${source.transactionHash} ${i}`}>
                      <td>{showMoment(time)}</td>
                      <th scope="row">{showAct(name)}</th>
                      <td class="number">
                        {amount === null ? "" : showAmount(amount, BOND_DECIMALS, "").trim()}
                      </td>
                      <td class="number">
                        {after === null ? "" : showAmount(after, BOND_DECIMALS, "").trim()}
                      </td>
                      <td>
                        <Hash value={source.transactionHash} what="the transaction" chain={source.chain} />
                      </td>
                    </tr>
                  ))}
                </Table>
              </Panel>
            </>
          );
        }}
      </Loaded>
      <Slashings validatorKey={key} />
    </>
  );
}
