import { shorten, showAmount, showCountdown, showMoment } from "../../shared/core/format.ts";
import { now } from "../../shared/services/network.ts";
import { Skeleton } from "../../shared/views/parts.tsx";
import { pageOf, search } from "../core/rows.ts";
import {
  seatWords,
  showSets,
  type ShownSet,
  type ShownValidator,
  showValidators,
} from "../core/validators.ts";
import { UNKNOWN } from "../core/measures.ts";
import { api } from "../services/api.ts";
import { fleet, status } from "../services/fleet.ts";
import { isSessionKnown, session } from "../services/session.ts";
import { Chip, Empty, Loaded, Pager, Panel, Search, Table, useLooks, usePage } from "./parts.tsx";
import type { Tone } from "../core/health.ts";

const LIST_MILLISECONDS = 5_000;
/** So many seats of a set are drawn; a set of more is told in numbers. */
const MOST_SEATS = 200;
/** Bonds are shown as the native currency counts, as by `dchat validator status`. */
export const BOND_DECIMALS = 18;

export const STANDINGS: Readonly<Record<ShownValidator["standing"], Tone>> = {
  active: "good",
  jailed: "warn",
  exited: "unknown",
  tombstoned: "bad",
};

/** The sets in force, seat by seat, and everybody who ever joined. */
export function ValidatorsView() {
  const looked = useLooks(() => api.validators(), LIST_MILLISECONDS);
  const sets = showSets(fleet.value, status.value);
  return (
    <>
      <h1>Validators</h1>
      <Panel id="sets" title="Sets in force">
        {sets.length === 0 ? (
          <Skeleton lines={8} label="Loading the sets of validators" />
        ) : (
          <div class="sets">
            {sets.map((set) => (
              <Quorum key={set.chain} set={set} />
            ))}
          </div>
        )}
        {isSessionKnown.value && session.value === undefined && (
          <p class="help">Who signs is shown to those who are signed in.</p>
        )}
      </Panel>
      <Panel id="validators" title="Everybody who joined">
        <Loaded looked={looked} label="Loading validators">
          {(list) => <List rows={showValidators(list, fleet.value, now.value)} />}
        </Loaded>
      </Panel>
    </>
  );
}

function Quorum({ set }: { readonly set: ShownSet }) {
  const { chain, epoch, threshold, members, present, expiresAt, seats } = set;
  const isLost = present !== undefined && present < threshold;
  const isTight = present !== undefined && present === threshold;
  return (
    <section class="set" aria-label={`The set on chain ${chain}`}>
      <p class="set-head">
        <strong>Chain {chain}</strong>
        <span class="quiet">epoch {String(epoch)}</span>
      </p>
      <p class={`quorum ${isLost ? "bad" : isTight ? "warn" : ""}`}>
        {present ?? UNKNOWN} of {members} sign
        <span class="quiet">
          {" "}
          · {threshold} are needed
          {isLost ? ", so nothing is accepted" : isTight ? ", so none may go missing" : ""}
        </span>
      </p>
      <ul class="seats" aria-label="Seats">
        {seats.slice(0, MOST_SEATS).map(({ key, behind }) => {
          const { word, tone } = seatWords(behind);
          return (
            <li key={key} class={`seat ${tone}`}>
              <a href={`#/validators/${key}`} title={`${key}: ${word}`}>
                <span class="sr">
                  {shorten(key)}: {word}
                </span>
              </a>
            </li>
          );
        })}
      </ul>
      {seats.length > MOST_SEATS && <p class="help">and {seats.length - MOST_SEATS} more</p>}
      <p class="help">
        {expiresAt > now.value
          ? `Good until ${showMoment(expiresAt)}.`
          : `Expired ${showCountdown(expiresAt, now.value)}: nothing is accepted until the next set is in force.`}
      </p>
    </section>
  );
}

function List({ rows }: { readonly rows: readonly ShownValidator[] }) {
  const paging = usePage();
  const found = search(rows, paging.words, ({ key, operator, standing }) =>
    [key, operator ?? "", standing].join(" "),
  );
  const page = pageOf(found, paging.page);
  if (rows.length === 0) return <Empty>Nobody has joined the registry yet.</Empty>;
  return (
    <>
      <div class="tools">
        <Search
          id="validator-search"
          label="Key, operator or standing"
          value={paging.words}
          onInput={paging.search}
        />
        <Pager at={page} what="validators" onPage={paging.turn} />
      </div>
      {found.length === 0 && <Empty>None fits the search.</Empty>}
      {found.length > 0 && (
        <Table
          label="Validators"
          head={["Validator", "Standing", "Last signed", "#Bond", "Missed", "In jail until", "Operator"]}
        >
          {page.rows.map((row) => (
            <Row key={row.key} row={row} />
          ))}
        </Table>
      )}
    </>
  );
}

function Row({ row }: { readonly row: ShownValidator }) {
  const { key, operator, bond, standing, jailedUntil, window, seats } = row;
  return (
    <tr>
      <th scope="row">
        <a class="mono" href={`#/validators/${key}`} title={key}>
          {shorten(key, 10, 6)}
        </a>
      </th>
      <td>
        <Chip tone={STANDINGS[standing]}>{standing}</Chip>
      </td>
      <td>
        {seats === undefined
          ? UNKNOWN
          : seats.length === 0
            ? "in no set"
            : seats
                .map(({ chain, behindSeconds }) => `${chain}: ${seatWords(behindSeconds).word}`)
                .join(", ")}
      </td>
      <td class="number">{showAmount(bond, BOND_DECIMALS, "").trim()}</td>
      <td>{window == null ? UNKNOWN : `${window.missed} of ${window.of}`}</td>
      <td>{jailedUntil === null ? "" : showMoment(jailedUntil / 1_000)}</td>
      <td>{operator === null ? UNKNOWN : <code title={operator}>{shorten(operator)}</code>}</td>
    </tr>
  );
}
