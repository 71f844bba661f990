import { linkCases } from "../../support/chaos-cases.ts";
import { testFaults } from "../../support/chaos-modes.ts";

testFaults(linkCases);
