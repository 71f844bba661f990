import { kernelCases } from "../../support/chaos-cases.ts";
import { testFaults } from "../../support/chaos-modes.ts";

testFaults(kernelCases);
