import { useSignal } from "@preact/signals";
import { readRoute, type Route, titleOf } from "../core/route.ts";
import { network, networkTrouble } from "../../shared/services/network.ts";
import { BridgeView } from "./bridge.tsx";
import { Account, ConnectDialog } from "./connect.tsx";
import { EscrowView } from "./escrow.tsx";
import { EscrowsView } from "./escrows.tsx";
import { NewEscrowView } from "./new-escrow.tsx";
import { followAddress, SkipLink } from "../../shared/views/frame.tsx";
import { Notice, Skeleton } from "../../shared/views/parts.tsx";
import { SignedView } from "./signed.tsx";
import { TransferView } from "./transfer.tsx";

const route = followAddress<Route>(readRoute, titleOf);

/** The whole page. */
export function App() {
  const isConnecting = useSignal(false);
  const open = () => {
    isConnecting.value = true;
  };
  const close = () => {
    isConnecting.value = false;
  };
  return (
    <>
      <SkipLink />
      <header class="top">
        <a class="mark" href="#/bridge">
          dchat
        </a>
        <nav aria-label="Views">
          <Tab href="#/bridge" isHere={["bridge", "transfer"].includes(route.value.view)}>
            Bridge
          </Tab>
          <Tab
            href="#/escrows"
            isHere={["escrows", "escrow", "new-escrow", "signed"].includes(route.value.view)}
          >
            Escrow
          </Tab>
        </nav>
        <Account onOpen={open} />
      </header>
      <main id="main" tabIndex={-1}>
        {networkTrouble.value !== undefined && <Notice tone="bad">{networkTrouble.value}</Notice>}
        {network.value === undefined ? (
          <Skeleton lines={4} label="Loading the network" />
        ) : (
          <View onConnect={open} />
        )}
      </main>
      {network.value !== undefined && ( // before, what comes would push it down
        <footer class="bottom">
          <a href="/">How the bridge is: the dashboard</a>
          {network.value.hasDevelopmentWallet && <span>Local network: nothing here is of worth</span>}
        </footer>
      )}
      {isConnecting.value && <ConnectDialog onClose={close} />}
    </>
  );
}

function View({ onConnect }: { readonly onConnect: () => void }) {
  const at = route.value;
  switch (at.view) {
    case "bridge":
      return <BridgeView onConnect={onConnect} />;
    case "transfer":
      return <TransferView key={at.id} id={at.id} onConnect={onConnect} />;
    case "escrows":
      return <EscrowsView role={at.role} onConnect={onConnect} />;
    case "new-escrow":
      return <NewEscrowView onConnect={onConnect} />;
    case "escrow":
      return <EscrowView key={at.id} id={at.id} />;
    case "signed":
      return <SignedView key={at.coded} coded={at.coded} onConnect={onConnect} />;
    case "nowhere":
      return (
        <section class="card narrow">
          <h1>There is nothing here</h1>
          <p>
            The address of this page leads nowhere. <a href="#/bridge">Go to the bridge</a>.
          </p>
        </section>
      );
  }
}

function Tab({
  href,
  isHere,
  children,
}: {
  readonly href: string;
  readonly isHere: boolean;
  readonly children: string;
}) {
  return (
    <a href={href} aria-current={isHere ? "page" : undefined}>
      {children}
    </a>
  );
}
