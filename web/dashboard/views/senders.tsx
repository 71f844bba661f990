import { showAmount } from "../../shared/core/format.ts";
import { network } from "../../shared/services/network.ts";
import { Hash, Skeleton } from "../../shared/views/parts.tsx";
import { showCount } from "../core/measures.ts";
import { fleet } from "../services/fleet.ts";
import { session } from "../services/session.ts";
import { Chip, Empty, NeedsSession, Panel, Table } from "./parts.tsx";

const NATIVE_DECIMALS = 18;

/** The accounts that pay for deliveries. */
export function SendersView() {
  return (
    <>
      <h1>Senders</h1>
      {session.value === undefined ? (
        <NeedsSession what="Senders pay for deliveries: their balances and what is pending are for users of this fleet." />
      ) : (
        <Senders />
      )}
    </>
  );
}

function Senders() {
  const seen = fleet.value;
  if (seen === undefined) return <Skeleton lines={3} label="Loading senders" />;
  return (
    <Panel id="senders" title="Accounts that deliver">
      {seen.senders.length === 0 ? (
        <Empty>No sender has told of itself: deliveries wait until one runs.</Empty>
      ) : (
        <Table label="Senders" head={["Chain", "Account", "#Balance", "Lasts", "#Next nonce", "#Pending"]}>
          {seen.senders.map(({ chain, account, balance, nonce, pending, isLow }) => {
            const currency = network.value?.chains.find(({ name }) => name === chain)?.currency ?? "";
            return (
              <tr key={`${chain} ${account}`}>
                <th scope="row">{chain}</th>
                <td>
                  <Hash value={account} what="the account" chain={chain} kind="address" />
                </td>
                <td class="number">{showAmount(balance, NATIVE_DECIMALS, currency).trim()}</td>
                <td>
                  <Chip tone={isLow ? "warn" : "good"}>{isLow ? "low" : "enough"}</Chip>
                </td>
                <td class="number">{showCount(nonce)}</td>
                <td class={pending > 0 ? "number strong" : "number"}>{showCount(pending)}</td>
              </tr>
            );
          })}
        </Table>
      )}
      {seen.senders.some(({ isLow }) => isLow) && (
        <p>
          Send native currency to the accounts that are low: without any, messages to their chain wait. They
          are not lost.
        </p>
      )}
    </Panel>
  );
}
