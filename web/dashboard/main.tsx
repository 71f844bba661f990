import { render } from "preact";
import { loadNetwork } from "../shared/services/network.ts";
import { followChaos } from "./services/chaos.ts";
import { followFleet, hasChaos } from "./services/fleet.ts";
import { restoreSession } from "./services/session.ts";
import { App } from "./views/app.tsx";

const page = document.getElementById("page");
if (page === null) throw new Error("the page has no place for itself");
render(<App />, page);
followFleet();
followChaos(hasChaos);
await Promise.all([restoreSession(), loadNetwork()]);
