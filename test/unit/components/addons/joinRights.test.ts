import { parseAllDocuments } from "yaml";
import { joiningGroup, renderJoinRights } from "../../../../components/addons/joinRights";

interface Binding {
  metadata: { name: string };
  roleRef?: { name: string };
  subjects: { name: string }[];
}

const bindings = parseAllDocuments(renderJoinRights()).map((each) => each.toJS() as Binding);
/** Bindings of the role that has a request for this approved. */
const approvals = (what: "selfnodeclient" | "nodeclient") =>
  bindings.filter(({ roleRef }) => roleRef?.name.endsWith(`:${what}`));

test("whoever joins, and every node, has a certificate approved for its own name alone", () => {
  const names = approvals("selfnodeclient").flatMap(({ subjects }) =>
    subjects.map(({ name }) => name),
  );
  expect(names.sort()).toEqual([joiningGroup, "system:nodes"].sort());
});

test("nobody has one approved for any name, in clusters that had it either", () => {
  const others = approvals("nodeclient").map(({ metadata, subjects }) => ({
    ...metadata,
    subjects,
  }));
  expect(others).toEqual([{ name: "kubeadm:node-autoapprove-bootstrap", subjects: [] }]);
});
