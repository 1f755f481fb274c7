import { perform, withDefault } from "../operations/command";
import { labIdentity } from "./identity";
import { labProgram } from "./program";

void perform(labProgram(labIdentity()), withDefault("up", process.argv.slice(2)), 1);
