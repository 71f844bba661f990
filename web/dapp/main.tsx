import { render } from "preact";
import { startDiscovery } from "./services/connection.ts";
import { loadNetwork, network } from "../shared/services/network.ts";
import { App } from "./views/app.tsx";

const page = document.getElementById("page");
if (page === null) throw new Error("the page has no place for itself");
render(<App />, page);
startDiscovery();
await loadNetwork();
// Loaded where there is one, and nowhere else.
if (network.value?.hasDevelopmentWallet === true) {
  const [{ announceDevelopmentWallets }, { api }] = await Promise.all([
    import("./services/development-wallet.ts"),
    import("./services/api.ts"),
  ]);
  announceDevelopmentWallets(await api.developmentWallet());
}
