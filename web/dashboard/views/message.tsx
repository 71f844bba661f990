import { showMoment, showSpan } from "../../shared/core/format.ts";
import { now } from "../../shared/services/network.ts";
import { Hash, Notice } from "../../shared/views/parts.tsx";
import { FAILED_WORDS, MESSAGE_STATES } from "../core/messages.ts";
import { api } from "../services/api.ts";
import { Chip, Empty, Loaded, Panel, useLooks } from "./parts.tsx";

const LOOK_MILLISECONDS = 2_000;

/** Where one message is. */
export function MessageView({ id }: { readonly id: string }) {
  const looked = useLooks(
    async () => {
      // Only what the index knows is asked for: browsers put an unknown id on their console.
      const [listed] = (await api.messages({ id, limit: "1" })).messages;
      return { listed, detail: listed === undefined ? undefined : await api.message(id) };
    },
    LOOK_MILLISECONDS,
    [id],
  );
  return (
    <>
      <p class="crumb">
        <a href="#/lanes">Lanes</a>
      </p>
      <h1>Message</h1>
      <Loaded looked={looked} label="Loading the message">
        {({ listed, detail }) =>
          listed === undefined || detail === undefined ? (
            <Empty>No message has this id, as far as the index is.</Empty>
          ) : (
            <Panel
              id="message"
              title={`${detail.lane.from} → ${detail.lane.to}, number ${detail.nonce}`}
              aside={
                <Chip tone={MESSAGE_STATES[detail.state].tone}>{MESSAGE_STATES[detail.state].word}</Chip>
              }
            >
              {detail.state === "failed" && <Notice tone="bad">{FAILED_WORDS}</Notice>}
              <dl class="facts">
                <Fact name="Message">
                  <Hash value={detail.messageId} what="the message’s id" />
                </Fact>
                <Fact name="Sent">
                  {showMoment(listed.sentAt)}, {showSpan(Math.max(0, now.value - listed.sentAt))} ago
                </Fact>
                <Fact name="From">
                  <Hash value={detail.sender} what="the sender" chain={detail.lane.from} kind="address" />
                </Fact>
                <Fact name="To">
                  <Hash value={detail.recipient} what="the recipient" chain={detail.lane.to} kind="address" />
                </Fact>
                <Fact name={`Sent in, on ${detail.source.chain}`}>
                  <Hash
                    value={detail.source.transactionHash}
                    what="the transaction"
                    chain={detail.source.chain}
                  />{" "}
                  block {detail.source.blockNumber}
                </Fact>
                <Fact name="Attested">
                  {detail.attestations === null
                    ? "by a quorum"
                    : `by ${detail.attestations.count}, and must be by ${detail.attestations.threshold} of ${detail.attestations.validators}`}
                </Fact>
                <Fact name={`Executed in, on ${detail.lane.to}`}>
                  {detail.destination === null ? (
                    "not yet"
                  ) : (
                    <>
                      <Hash
                        value={detail.destination.transactionHash}
                        what="the transaction"
                        chain={detail.destination.chain}
                      />{" "}
                      block {detail.destination.blockNumber}
                    </>
                  )}
                </Fact>
              </dl>
              <p>
                <a href={`/wallet/#/transfer/${detail.messageId}`}>Follow it on the wallet page</a>
              </p>
            </Panel>
          )
        }
      </Loaded>
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
